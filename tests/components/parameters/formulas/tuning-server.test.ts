import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { Client } from "pg";
import { preloadLibraries, tune } from "../../../../components/parameters/formulas/tune";
import { memorySum } from "../../../support/memory-sum";
import type { ParameterSet, TuningInput } from "../../../../components/parameters/formulas/tune";
import { postgresBinaries } from "../../../../components/homes/local/processes/binaries";
import { initialise } from "../../../../components/homes/local/processes/postgres";
import { serverFiles } from "../../../../components/homes/local/processes/postgres-files";
import {
  userOptions,
  serviceUser,
} from "../../../../components/homes/local/processes/service-user";
import { startScratchPostgres, temporaryFolder } from "../../../../scratch/scratch-postgres";

const MB = 2 ** 20;
const GB = 2 ** 30;

const small: TuningInput = {
  memory: 512 * MB,
  vcpus: 1,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 20,
  majorVersion: 18,
};

const settings = (set: ParameterSet): Record<string, string> =>
  Object.fromEntries(set.map(({ name, setting }) => [name, setting]));

// The embedded server has no TimescaleDB; it accepts any value under the extension's prefix.
it.each<[string, TuningInput]>([
  ["a small machine", small],
  ["a small TimescaleDB", { ...small, memory: GB, workload: "time-series" }],
])(
  "tuned parameters start PostgreSQL 18 on %s, which shows each exactly",
  async (_, input) => {
    const set = tune(input);
    const server = await startScratchPostgres({
      parameters: settings(set),
      preload: preloadLibraries("oltp"),
    });
    const client = new Client({ connectionString: server.connectionString });
    try {
      await client.connect();
      for (const { name, setting } of set) {
        const { rows } = await client.query<{ value: string }>(
          "select current_setting($1) as value",
          [name],
        );
        expect([name, rows[0]?.value]).toEqual([name, setting]);
      }
      const { rows: live } = await client.query<{
        name: string;
        setting: string;
        restart: boolean;
      }>("select lower(name) as name, setting, context = 'postmaster' as restart from pg_settings");
      for (const { name, value, restart } of set.filter(
        ({ name }) => !name.startsWith("timescaledb"),
      )) {
        const found = live.find((row) => row.name === name);
        expect([name, found?.restart]).toEqual([name, restart]);
        // Values in own units match pg_settings.
        if (typeof value === "number")
          expect([name, Number(found?.setting)]).toEqual([name, value]);
      }
      const { rows: errors } = await client.query(
        "select * from pg_file_settings where error is not null",
      );
      expect(errors).toEqual([]);
    } finally {
      await client.end();
      await server.stop();
    }
  },
  60_000,
);

describe("tuned shared memory", () => {
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder("sark-tuning-");
    await initialise(folder, { user: "postgres", password: "unused" });
  }, 60_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Shared memory that a server with these parameters would request, in bytes; it is not started. */
  function sharedMemory(set: ParameterSet): number {
    const options = set.flatMap(({ name, setting }) => ["-c", `${name}=${setting}`]);
    const preload = ["-c", "shared_preload_libraries=pg_stat_statements"];
    const { stdout, stderr } = spawnSync(
      postgresBinaries().postgres,
      ["-D", serverFiles(folder).data, "-C", "shared_memory_size", ...preload, ...options],
      { ...userOptions(serviceUser()), cwd: folder, encoding: "utf8" },
    );
    const size = Number(stdout.trim() || NaN);
    if (!Number.isFinite(size)) throw new Error(`postgres -C gave no size: ${stderr}`);
    return size * MB;
  }

  it.each<[string, Partial<TuningInput>]>([
    ["the smallest machine", {}],
    ["1 GB", { memory: GB, vcpus: 2, maxConnections: 100 }],
    ["the guide's machine", { memory: 8 * GB, vcpus: 8, maxConnections: 200 }],
    ["1,000 connections", { memory: 32 * GB, vcpus: 8, maxConnections: 1000 }],
    ["a large machine", { memory: 512 * GB, vcpus: 128, maxConnections: 2000 }],
    ["TimescaleDB", { memory: 8 * GB, vcpus: 8, maxConnections: 100, workload: "time-series" }],
    [
      "a large TimescaleDB",
      { memory: 128 * GB, vcpus: 64, maxConnections: 1000, workload: "time-series" },
    ],
  ])("of %s is at most the computed sum and close to it", (_, change) => {
    const input = { ...small, ...change };
    const counted = memorySum(input)
      .filter(({ name }) => name === "shared_buffers" || name === "other shared memory")
      .reduce((sum, { bytes }) => sum + bytes, 0);
    const real = sharedMemory(tune(input));
    expect(real).toBeLessThanOrEqual(counted);
    expect(counted - real).toBeLessThan(32 * MB + real / 50);
  });
});
