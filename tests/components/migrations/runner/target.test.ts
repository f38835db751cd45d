import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { applyMigrations } from "../../../../components/migrations/runner/run";
import { withClient } from "../../../../components/connections/provider-connection";
import { planFiles } from "../../../../components/migrations/plan/migration-files";
import { start, stop } from "../../../../components/homes/local/processes/postgres";
import { stopTimescale } from "../../../../components/homes/local/timescale/server-process";
import {
  type MigrationScratch,
  OPTIONS,
  refusal,
  sentence,
  startMigrationScratch,
  tracesOf,
  whileLocked,
} from "../../../support/migration-scratch";
import {
  buildTimescale,
  type ScratchTimescale,
  startScratchTimescale,
} from "../../../../scratch/scratch-timescale";

const TEXTS = { "000001_a.sql": "create table public.a (id int);" };

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch({
    // A placeholder, as the configuration has when the library is not loaded.
    parameters: { "pg_stat_statements.max": "5000" },
  });
});
afterAll(() => scratch.server.stop());

const traces = (database: string) => tracesOf(scratch, database);

describe("migration target that is read-only", () => {
  it("is rejected before the lock, with who set it", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.session("postgres", (client) =>
      client.query(`alter database ${database} set default_transaction_read_only to on`),
    );
    await whileLocked(scratch, database, async () => {
      expect(await refusal(scratch.migrate(database, TEXTS, { lockWaitMs: 0 }))).toMatch(
        sentence("read-only", "default_transaction_read_only, set by: database", "run again"),
      );
    });
    expect(await traces(database)).toEqual([]);
  });

  it("is rejected as a standby when it is one", async () => {
    const standby = await startMigrationScratch();
    try {
      const database = await standby.emptyDatabase();
      await stop(standby.server.folder);
      writeFileSync(join(standby.server.folder, "data", "standby.signal"), "");
      await start(standby.server.folder);

      expect(await refusal(standby.migrate(database, TEXTS))).toMatch(
        sentence("standby", "this server is a stand-by", "connect to the primary"),
      );
    } finally {
      await standby.server.stop();
    }
  });
});

describe("migration extension", () => {
  it.each([
    [
      "that the server lacks",
      { name: "no_such", preload: false },
      ["lacks the extension no_such", "install it"],
    ],
    [
      "that was not created",
      { name: "pg_trgm", preload: false },
      ["pg_trgm", 'create extension "pg_trgm"'],
    ],
  ])("%s is reported before any change", async (_, extension, words) => {
    const database = await scratch.emptyDatabase();
    const run = scratch.migrate(database, TEXTS, { extensions: [extension] });
    expect(await refusal(run)).toMatch(sentence("extension-missing", ...words));
    expect(await traces(database)).toEqual([]);
  });

  it("that is not preloaded is rejected, even if it is installed and has a setting", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.session(database, (client) =>
      client.query("create extension pg_stat_statements schema public"),
    );
    const extensions = [{ name: "pg_stat_statements", preload: true }];
    expect(await refusal(scratch.migrate(database, TEXTS, { extensions }))).toMatch(
      sentence(
        "extension-not-preloaded",
        "pg_stat_statements",
        "shared_preload_libraries",
        "restart",
      ),
    );
  });

  it("that is preloaded is recognised without privileges to read the list of libraries", async () => {
    const preloaded = await startMigrationScratch({ preload: ["pg_stat_statements"] });
    try {
      const database = await preloaded.emptyDatabase();
      await preloaded.session(database, (client) =>
        client.query("create extension pg_stat_statements schema public"),
      );
      const extensions = [{ name: "pg_stat_statements", preload: true }];
      expect(await preloaded.migrate(database, TEXTS, { extensions })).toEqual(["000001_a.sql"]);
      await expect(
        preloaded.session(
          database,
          (client) => client.query("show shared_preload_libraries"),
          "migrator",
        ),
      ).rejects.toThrow("permission denied");
    } finally {
      await preloaded.server.stop();
    }
  });
});

describe("migration target on the embedded TimescaleDB", () => {
  let timescale: ScratchTimescale;
  const script = buildTimescale();
  beforeAll(async () => {
    timescale = await startScratchTimescale(script);
  }, 60_000);
  afterAll(async () => {
    await timescale.stop();
    rmSync(script);
  });

  const session = <T>(work: (client: Client) => Promise<T>, user = "postgres"): Promise<T> =>
    withClient(
      {
        host: timescale.host,
        port: timescale.port,
        database: "sark_audit",
        user,
        password: timescale.password,
        sslMode: "disable",
      },
      work,
    );

  it("has an identifier and a preloaded library, and needs the extension", async () => {
    await session((client) =>
      client.query(
        `create role owner; create role reader; create role migrator login noinherit password '${timescale.password}' in role owner;
         grant create on database sark_audit to owner; grant usage, create on schema public to owner`,
      ),
    );
    const run = (): Promise<readonly string[]> =>
      session(
        (client) =>
          applyMigrations(client, planFiles(TEXTS), {
            ...OPTIONS,
            extensions: [{ name: "timescaledb", preload: true }],
          }),
        "migrator",
      );
    expect(await refusal(run())).toMatch(sentence("extension-missing", "timescaledb"));

    await session((client) => client.query("create extension timescaledb schema public"));
    expect(await run()).toEqual(["000001_a.sql"]);
    // Besides the preload, a library is loaded at first use, which has not happened since the start.
    await stopTimescale(timescale.folder);
    await timescale.start();
    expect(await run()).toEqual([]);
    const { rows } = await session((client) =>
      client.query(
        "select database, major, system_identifier ~ '^[0-9]+$' as known from sark_migrations.targets",
      ),
    );
    expect(rows).toEqual([{ database: "sark_audit", major: 17, known: true }]);
  });
});
