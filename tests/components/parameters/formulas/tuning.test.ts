import { formatProblems } from "../../../../components/text/problem";
import { majorVersions, parseSetting } from "../../../../components/parameters/parameters";
import type { ParameterValue } from "../../../../components/parameters/known/parameter-facts";
import {
  splitByRestart,
  hotStandbyParameters,
  preloadLibraries,
  tune,
  tuningProblems,
} from "../../../../components/parameters/formulas/tune";
import type { ParameterSet, TuningInput } from "../../../../components/parameters/formulas/tune";
import { GUIDE_MACHINE as guide, GUIDE_SETTINGS } from "../../../../scripts/generated/tuning/guide";

const MB = 2 ** 20;
const GB = 2 ** 30;

/** Differences from the guide's postgresql.conf, with our value; docs/tuning.md has the reasons. */
const deviations: Readonly<Record<string, string>> = {
  jit: "off",
  log_line_prefix: "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
};

function settings(set: ParameterSet): Record<string, string> {
  return Object.fromEntries(set.map(({ name, setting }) => [name, setting]));
}

describe("tuning of the guide's machine", () => {
  it.each(majorVersions)("gives exactly the guide's values on PostgreSQL %i", (majorVersion) => {
    const set = tune({ ...guide, majorVersion });
    const values = new Map<string, ParameterValue>(set.map(({ name, value }) => [name, value]));
    expect(GUIDE_SETTINGS).toHaveLength(32);
    for (const [name, text] of GUIDE_SETTINGS) {
      const wanted = parseSetting(majorVersion, name, deviations[name] ?? text);
      expect([name, values.get(name)]).toEqual([name, wanted]);
    }
  });

  it("prints sizes as the guide does", () => {
    expect(settings(tune(guide))).toMatchObject({
      shared_buffers: "2GB",
      effective_cache_size: "6GB",
      work_mem: "16MB",
      maintenance_work_mem: "512MB",
      temp_buffers: "8MB",
      random_page_cost: "1.1",
      max_wal_size: "4GB",
      min_wal_size: "1GB",
      wal_buffers: "16MB",
      autovacuum_naptime: "1min",
      log_connections: "on",
    });
  });

  it("gives values and units as an RDS parameter group needs them", () => {
    const set = tune(guide);
    const pick = (name: string): object | undefined => set.find((one) => one.name === name);
    expect(pick("shared_buffers")).toEqual({
      name: "shared_buffers",
      value: 262144,
      setting: "2GB",
      unit: "8kB",
      restart: true,
    });
    expect(pick("work_mem")).toMatchObject({ value: 16384, unit: "kB", restart: false });
    expect(pick("max_wal_size")).toMatchObject({ value: 4096, unit: "MB", restart: false });
  });

  it("keeps bind values and passwords out of the log", () => {
    expect(settings(tune(guide))).toMatchObject({
      log_parameter_max_length: "0",
      log_parameter_max_length_on_error: "0",
      log_statement: "ddl",
      password_encryption: "scram-sha-256",
    });
  });

  it("logs every field that the CIS benchmark requires, in UTC", () => {
    const { log_line_prefix: prefix = "", timezone, log_timezone } = settings(tune(guide));
    for (const field of ["%m", "%p", "%l", "%d", "%u", "%a", "%h"]) expect(prefix).toContain(field);
    expect([timezone, log_timezone]).toEqual(["UTC", "UTC"]);
  });
});

describe("tuning", () => {
  it.each<[string, Partial<TuningInput>, Record<string, string>]>([
    [
      "fits half a gigabyte with one vCPU and 20 connections",
      { memory: 512 * MB, vcpus: 1, maxConnections: 20 },
      {
        shared_buffers: "128MB",
        effective_cache_size: "384MB",
        work_mem: "7MB",
        maintenance_work_mem: "32MB",
        wal_buffers: "4MB",
        max_wal_size: "1GB",
        min_wal_size: "256MB",
        max_parallel_workers_per_gather: "0",
        max_worker_processes: "8",
      },
    ],
    [
      "fits 1 GB with 100 connections",
      { memory: GB, vcpus: 2, maxConnections: 100 },
      { shared_buffers: "256MB", work_mem: "1792kB", maintenance_work_mem: "64MB" },
    ],
    ["caps work_mem by memory for few connections", { maxConnections: 10 }, { work_mem: "128MB" }],
    [
      "caps work_mem at 1 GB for few connections on a large machine",
      { memory: 256 * GB, maxConnections: 10 },
      { work_mem: "1GB" },
    ],
    [
      "subtracts 6 GB of 8 that are reserved for another program",
      { reservedMemory: 6 * GB, maxConnections: 50 },
      { shared_buffers: "512MB", effective_cache_size: "1536MB" },
    ],
    [
      "fits half a terabyte with 128 vCPUs and 1,000 connections",
      { memory: 512 * GB, vcpus: 128, maxConnections: 1000 },
      {
        shared_buffers: "128GB",
        work_mem: "304MB",
        maintenance_work_mem: "2GB",
        autovacuum_work_mem: "1GB",
        max_wal_size: "16GB",
        max_parallel_workers_per_gather: "4",
        max_worker_processes: "128",
        autovacuum_max_workers: "5",
        io_workers: "32",
      },
    ],
    [
      "fits TimescaleDB on 8 GB with 100 connections",
      { workload: "time-series", maxConnections: 100 },
      {
        work_mem: "13MB",
        hash_mem_multiplier: "2",
        maintenance_work_mem: "256MB",
        max_locks_per_transaction: "256",
        max_worker_processes: "27",
        "timescaledb.max_background_workers": "16",
        "timescaledb.telemetry_level": "off",
        jit: "off",
      },
    ],
    [
      "uses the costs of a spinning disk",
      { storage: "hdd" },
      { random_page_cost: "4", effective_io_concurrency: "2" },
    ],
    [
      "uses the concurrency of network storage",
      { storage: "san" },
      { effective_io_concurrency: "300" },
    ],
    [
      "bounds WAL on a volume of 20 GB",
      { storageSize: 20 * GB },
      { max_wal_size: "1360MB", min_wal_size: "336MB", max_slot_wal_keep_size: "2720MB" },
    ],
    [
      "bounds WAL on a dedicated volume of 10 GB",
      { storageSize: 20 * GB, walStorageSize: 10 * GB },
      { max_wal_size: "2720MB", max_slot_wal_keep_size: "5456MB" },
    ],
  ])("%s", (_, change, expected) => {
    expect(settings(tune({ ...guide, ...change }))).toMatchObject(expected);
  });

  it("leaves out parameters that the major version lacks", () => {
    expect(settings(tune({ ...guide, majorVersion: 17 }))).not.toHaveProperty("io_workers");
    expect(settings(tune({ ...guide, majorVersion: 18 }))).toHaveProperty("io_workers", "3");
  });
});

describe("tuning helper", () => {
  it("byRestart splits a set into restart and reload without losing a parameter", () => {
    const set = tune(guide);
    const { restart, reload } = splitByRestart(set);
    expect({ ...restart, ...reload }).toEqual(settings(set));
    expect(restart).toHaveProperty("shared_buffers", "2GB");
    expect(restart).toHaveProperty("max_connections", "200");
    expect(reload).toHaveProperty("work_mem", "16MB");
    expect(reload).not.toHaveProperty("max_worker_processes");
  });

  it("byRestart needs fewer restarts on PostgreSQL 18", () => {
    const on = (majorVersion: 17 | 18): object =>
      splitByRestart(tune({ ...guide, majorVersion })).restart;
    expect(on(17)).toHaveProperty("autovacuum_max_workers");
    expect(on(18)).not.toHaveProperty("autovacuum_max_workers");
  });

  it("preloadLibraries loads timescaledb first, and the set has no libraries", () => {
    expect(preloadLibraries("oltp")).toEqual(["pg_stat_statements"]);
    expect(preloadLibraries("time-series")).toEqual(["timescaledb", "pg_stat_statements"]);
  });

  it("hotStandbyParameters are all in the tuned set", () => {
    expect(tune(guide).map(({ name }) => name)).toEqual(
      expect.arrayContaining([...hotStandbyParameters]),
    );
  });
});

describe("tuning of a machine that is too small", () => {
  const input: TuningInput = { ...guide, memory: GB, vcpus: 2, maxConnections: 400 };

  it("is rejected with the memory sum, the required memory and the connections that fit", () => {
    const refusal = formatProblems(tuningProblems(input));
    expect(refusal).toMatch(
      /memory: got 1024 MB for 400 connections; allowed: at least \d+ MB for 400 connections, or at most \d+ connections in 1024 MB; .*shared_buffers 256 MB.*402 executing processes x work_mem 402 MB = /,
    );
    expect(refusal).toMatch(/ = 2\d\d\d MB; beyond its memory, the OOM killer ends it/);
  });

  it("succeeds with exactly the memory or connections that the error names", () => {
    const [problem] = tuningProblems(input);
    const [memory = 0, , connections = 0] = [...(problem?.allowed ?? "").matchAll(/\d+/g)].map(
      Number,
    );
    expect(tuningProblems({ ...input, memory: memory * MB })).toEqual([]);
    expect(tuningProblems({ ...input, memory: (memory - 1) * MB })).toHaveLength(1);
    expect(tuningProblems({ ...input, maxConnections: connections })).toEqual([]);
    expect(tuningProblems({ ...input, maxConnections: connections + 1 })).toHaveLength(1);
  });

  it("suggests no connections when none fit", () => {
    const tiny = { ...guide, memory: 64 * MB, maxConnections: 4 };
    expect(formatProblems(tuningProblems(tiny))).toMatch(
      /at least 1\d\d MB for 4 connections; with/,
    );
  });
});

it("tuningProblems reports all impossible sizes at once", () => {
  const wrong = { memory: 0, storageSize: MB, walStorageSize: 2 ** 51 };
  expect(tuningProblems({ ...guide, ...wrong }).map(({ key }) => key)).toEqual([
    "memory",
    "storageSize",
    "walStorageSize",
  ]);
  expect(formatProblems(tuningProblems({ ...guide, ...wrong }))).toMatch(
    /memory: got 0; .*\nstorageSize: got 1048576; /s,
  );
});
