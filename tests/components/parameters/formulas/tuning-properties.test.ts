import fc from "fast-check";
import {
  majorVersions,
  parameterFacts,
  parseSetting,
} from "../../../../components/parameters/parameters";
import { tune, tuningProblems } from "../../../../components/parameters/formulas/tune";
import { memorySum } from "../../../support/memory-sum";
import type { ParameterSet } from "../../../../components/parameters/formulas/tune";

const MB = 2 ** 20;
const GB = 2 ** 30;

/** Parameters that the homes set; the guide contains some of them. */
const ofHomes = [
  "archive_command",
  "archive_mode",
  "listen_addresses",
  "log_directory",
  "log_filename",
  "log_rotation_age",
  "log_rotation_size",
  "logging_collector",
  "port",
  "shared_preload_libraries",
  "ssl",
  "unix_socket_directories",
];

/** A numeric parameter; sizes in bytes. */
function number(set: ParameterSet, name: string): number {
  const found = set.find((one) => one.name === name);
  if (typeof found?.value !== "number") throw new Error(`${name} is not a number of this set`);
  return (
    found.value *
    (found.unit === "8kB" ? 8192 : found.unit === "kB" ? 1024 : found.unit === "MB" ? MB : 1)
  );
}

describe("tuning of any machine", () => {
  const inputs = fc.record(
    {
      memory: fc.oneof(
        fc.integer({ min: 128 * MB, max: 4 * GB }),
        fc.integer({ min: 4 * GB, max: 1024 * GB }),
      ),
      vcpus: fc.oneof(fc.constantFrom(0.25, 0.5, 1.5), fc.integer({ min: 1, max: 192 })),
      storage: fc.constantFrom("ssd" as const, "hdd" as const, "san" as const),
      workload: fc.constantFrom("oltp" as const, "time-series" as const),
      maxConnections: fc.integer({ min: 4, max: 3000 }),
      majorVersion: fc.constantFrom(...majorVersions),
      storageSize: fc.integer({ min: GB, max: 64 * 1024 * GB }),
      walStorageSize: fc.integer({ min: 512 * MB, max: 1024 * GB }),
      reservedMemory: fc.integer({ min: 0, max: 128 * MB }),
    },
    {
      requiredKeys: ["memory", "vcpus", "storage", "workload", "maxConnections", "majorVersion"],
    },
  );
  const fitting = inputs.filter((input) => tuningProblems(input).length === 0);

  it("keeps the worst case of all processes within memory", () => {
    // Computed from the settings, not by the code under test.
    fc.assert(
      fc.property(fitting, (input) => {
        const set = tune(input);
        const timeSeries = input.workload === "time-series";
        const background = timeSeries ? number(set, "timescaledb.max_background_workers") : 0;
        const compressing = timeSeries ? 3 : 0;
        const executing =
          number(set, "max_connections") + number(set, "max_parallel_workers") + background;
        const vacuums = number(set, "autovacuum_max_workers");
        const worst =
          number(set, "shared_buffers") +
          number(set, "wal_buffers") +
          executing * number(set, "work_mem") * number(set, "hash_mem_multiplier") +
          (1 + compressing) * number(set, "maintenance_work_mem") +
          vacuums * number(set, "autovacuum_work_mem") +
          (executing + vacuums) * 3 * MB;
        const memory = input.memory - (input.reservedMemory ?? 0);
        // A sixteenth is reserved for the operating system.
        expect(worst).toBeLessThanOrEqual((memory * 15) / 16);
        const items = memorySum(input).reduce((sum, { bytes }) => sum + bytes, 0);
        expect(items).toBeLessThanOrEqual(memory);
        expect(worst).toBeLessThan(items);
      }),
    );
  });

  it("never lowers a parameter when memory grows, and never finds the machine too small", () => {
    const sizes = [
      "shared_buffers",
      "effective_cache_size",
      "work_mem",
      "maintenance_work_mem",
      "autovacuum_work_mem",
      "wal_buffers",
      "max_wal_size",
      "max_locks_per_transaction",
    ];
    const more = fc.oneof(
      fc.integer({ min: 1, max: 64 * MB }),
      fc.integer({ min: 1, max: 64 * GB }),
    );
    fc.assert(
      fc.property(fitting, more, (input, extra) => {
        const larger = { ...input, memory: input.memory + extra };
        expect(tuningProblems(larger)).toEqual([]);
        const [before, after] = [tune(input), tune(larger)];
        for (const name of sizes) {
          expect(number(after, name)).toBeGreaterThanOrEqual(number(before, name));
        }
      }),
    );
  });

  it("never raises work_mem when connections are added", () => {
    fc.assert(
      fc.property(fitting, (input) => {
        const fewer = {
          ...input,
          maxConnections: Math.max(4, Math.floor(input.maxConnections / 2)),
        };
        expect(number(tune(fewer), "work_mem")).toBeGreaterThanOrEqual(
          number(tune(input), "work_mem"),
        );
      }),
    );
  });

  it("gives values within the limits of the major version that parse back from their text", () => {
    fc.assert(
      fc.property(fitting, (input) => {
        const set = tune(input);
        for (const { name, value, setting, unit, restart } of set) {
          const facts = parameterFacts(input.majorVersion, name);
          expect([name, unit, restart]).toEqual([name, facts.unit, facts.context === "postmaster"]);
          if (typeof value === "number") {
            expect(value).toBeGreaterThanOrEqual(facts.min ?? -Infinity);
            expect(value).toBeLessThanOrEqual(facts.max ?? Infinity);
          }
          if (facts.vartype !== "string") {
            expect([name, parseSetting(input.majorVersion, name, setting)]).toEqual([name, value]);
          }
        }
        const names = set.map(({ name }) => name);
        expect(names).toEqual([...new Set(names)].sort());
        expect(names.filter((name) => ofHomes.includes(name))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps workers within max_worker_processes", () => {
    fc.assert(
      fc.property(fitting, (input) => {
        const set = tune(input);
        const parallel = number(set, "max_parallel_workers");
        const processes = number(set, "max_worker_processes");
        expect(number(set, "max_parallel_workers_per_gather")).toBeLessThanOrEqual(parallel);
        expect(number(set, "max_parallel_maintenance_workers")).toBeLessThanOrEqual(parallel);
        expect(parallel).toBeLessThanOrEqual(processes);
        if (input.workload !== "time-series") return;
        const background = number(set, "timescaledb.max_background_workers");
        expect(background).toBeGreaterThanOrEqual(1 + 1 + 3 * 3);
        expect(processes).toBeGreaterThanOrEqual(3 + background + parallel);
      }),
    );
  });

  it("leaves free space on the volume besides WAL and retained slots", () => {
    fc.assert(
      fc.property(fitting, (input) => {
        const set = tune(input);
        const [min, max] = [number(set, "min_wal_size"), number(set, "max_wal_size")];
        // Two segments are the server's minimum for each.
        expect(min).toBeGreaterThanOrEqual(32 * MB);
        expect(max).toBeGreaterThanOrEqual(min);
        const held = max + number(set, "max_slot_wal_keep_size");
        if (input.walStorageSize !== undefined) {
          expect(held).toBeLessThanOrEqual(input.walStorageSize * 0.8);
        } else if (input.storageSize !== undefined) {
          expect(held).toBeLessThanOrEqual(input.storageSize * 0.2);
        }
      }),
    );
  });

  it("names the smallest memory and the most connections that fit when the machine is too small", () => {
    const small = inputs.filter((input) => tuningProblems(input).length > 0);
    fc.assert(
      fc.property(small, (input) => {
        const allowed = tuningProblems(input)[0]?.allowed ?? "";
        const [memory = 0, , connections] = [...allowed.matchAll(/\d+/g)].map(Number);
        expect(tuningProblems({ ...input, memory: memory * MB })).toEqual([]);
        expect(tuningProblems({ ...input, memory: (memory - 1) * MB })).not.toEqual([]);
        if (connections === undefined) return;
        expect(tuningProblems({ ...input, maxConnections: connections })).toEqual([]);
        expect(tuningProblems({ ...input, maxConnections: connections + 1 })).not.toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
