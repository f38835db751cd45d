import { recordCurrentTarget } from "../../../../components/migrations/runner/target";
import type { TargetIdentity } from "../../../../components/migrations/plan/target-identity";
import {
  type MigrationScratch,
  refusal,
  sentence,
  startMigrationScratch,
  tracesOf,
  whileLocked,
} from "../../../support/migration-scratch";

const TEXTS = { "000001_a.sql": "create table public.a (id int);" };

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch();
});
afterAll(() => scratch.server.stop());

const traces = (database: string) => tracesOf(scratch, database);

describe("migration ledger", () => {
  /** Rewrites the ledger as if it had been kept elsewhere. */
  const moved = (database: string, change: string): Promise<unknown> =>
    scratch.session(database, (client) =>
      client.query(`update sark_migrations.targets set ${change}`),
    );
  const places = (database: string): Promise<readonly unknown[]> =>
    scratch.column(
      database,
      "select concat_ws(' ', system_identifier, database, major) as value from sark_migrations.targets order by id",
    );
  const here = async (database: string): Promise<string> => {
    const [id] = await scratch.column(
      "postgres",
      "select system_identifier::text as value from pg_control_system()",
    );
    return `${String(id)} ${database} 18`;
  };

  it("records its database once, on first use", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, TEXTS);
    await scratch.migrate(database, TEXTS);
    expect(await places(database)).toEqual([await here(database)]);
  });

  it.each([
    ["another server", "system_identifier = '4711'", "of server 4711 (PostgreSQL 18)"],
    ["a newer server", "system_identifier = '4711', major = 19", "of server 4711 (PostgreSQL 19)"],
    ["another database", "database = 'other'", "database other of server"],
  ])("of %s is rejected before the lock, naming both databases", async (_, change, words) => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, TEXTS);
    await moved(database, change);
    const before = await places(database);
    await whileLocked(scratch, database, async () => {
      expect(await refusal(scratch.migrate(database, TEXTS, { lockWaitMs: 0 }))).toMatch(
        sentence(
          "wrong-database",
          words,
          `this is database ${database} of server`,
          "npm run baseline",
        ),
      );
    });
    expect(await places(database)).toEqual(before);
  });

  it("is rejected when its database was renamed", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, TEXTS);
    await scratch.session("postgres", (client) =>
      client.query(`alter database ${database} rename to renamed_${database}`),
    );
    expect(await refusal(scratch.migrate(`renamed_${database}`, TEXTS))).toMatch(
      sentence("wrong-database", `database ${database} of`, `database renamed_${database} of`),
    );
  });

  it("of an older server is accepted as upgraded, and its database recorded again", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, TEXTS);
    await moved(database, "system_identifier = '4711', major = 17");
    expect(await scratch.migrate(database, TEXTS)).toEqual([]);
    expect(await places(database)).toEqual([`4711 ${database} 17`, await here(database)]);
  });

  it("works without a system identifier when the login cannot read it, and records it later", async () => {
    const closed = await startMigrationScratch();
    try {
      const database = await closed.emptyDatabase();
      await closed.session(database, (client) =>
        client.query("revoke execute on function pg_catalog.pg_control_system() from public"),
      );
      await closed.migrate(database, TEXTS);
      await closed.session(database, (client) =>
        client.query("grant execute on function pg_catalog.pg_control_system() to public"),
      );
      await closed.migrate(database, TEXTS);
      const known = await closed.column(
        database,
        "select system_identifier is null as value from sark_migrations.targets order by id",
      );
      expect(known).toEqual([true, false]);
    } finally {
      await closed.server.stop();
    }
  });

  it("is rejected when the stack last migrated another server", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, TEXTS);
    const expected: TargetIdentity = { systemIdentifier: "4711", database, major: 18 };
    expect(await refusal(scratch.migrate(database, TEXTS, { expected }))).toMatch(
      sentence(
        "wrong-database",
        `this stack last migrated database ${database} of server 4711`,
        "tunnel",
      ),
    );
    // An empty database in place of one with data is just as suspicious.
    const empty = await scratch.emptyDatabase();
    const elsewhere = { ...expected, database: empty };
    expect(await refusal(scratch.migrate(empty, TEXTS, { expected: elsewhere }))).toMatch(
      sentence("wrong-database", "of server 4711"),
    );
    expect(await traces(empty)).toEqual([]);
  });

  it("is accepted after an upgrade, and after a move on purpose", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, TEXTS);
    const upgraded: TargetIdentity = { systemIdentifier: "4711", database, major: 17 };
    expect(await scratch.migrate(database, TEXTS, { expected: upgraded })).toEqual([]);

    await moved(database, "system_identifier = '4712'");
    await scratch.session(
      database,
      async (client) => {
        await client.query("set role owner");
        await recordCurrentTarget(client);
      },
      "migrator",
    );
    const before: TargetIdentity = { systemIdentifier: "4712", database, major: 18 };
    expect(await scratch.migrate(database, TEXTS, { expected: before })).toEqual([]);
  });
});
