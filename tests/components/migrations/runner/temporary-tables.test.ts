import { temporaryPrivilegeSql } from "../../../../components/roles/plan/temporary-privilege";
import {
  type MigrationScratch,
  refusal,
  startMigrationScratch,
} from "../../../support/migration-scratch";

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch();
  await scratch.session("postgres", (client) =>
    client.query(
      "create role member in role owner; create role temporary; create role witness; grant witness to migrator",
    ),
  );
});
afterAll(() => scratch.server.stop());

/** A database as a stack leaves it, in which no role may create temporary tables. */
async function closedDatabase(): Promise<string> {
  const database = await scratch.emptyDatabase();
  await scratch.session(database, (client) =>
    client.query(`
      alter database ${database} owner to postgres;
      revoke temporary on database ${database} from public;
      grant create on database ${database} to owner;
      grant usage on schema public to witness;
      grant temporary on database ${database} to temporary;
      ${temporaryPrivilegeSql({ role: "temporary", login: "migrator", members: ["owner", "witness"] })}`),
  );
  return database;
}

/** Roles with the TEMPORARY privilege, besides the dedicated one. */
const HOLDERS = `select rolname as value from pg_roles
  where has_database_privilege(oid, current_database(), 'temporary') and not rolsuper and rolname <> 'temporary'`;

describe("TEMPORARY privilege", () => {
  it.each([
    [
      "a table",
      "create temporary table one (i int); insert into one values (1); create index on one (i);",
    ],
    ["a table of a query", "create temp table one on commit drop as select 1 as i;"],
    ["a table in pg_temp", "create table pg_temp.one (i int);"],
    ["what a query returns", "select 1 as i into temporary one; drop table one;"],
    ["a view", "create temporary view one as select 1 as i;"],
    ["a sequence", "create temporary sequence one;"],
    ["a block", "do $$ begin create temp table one (i int); end $$;"],
    ["another role's file", "--! role witness\ncreate temporary table one (i int);"],
    [
      "a refresh",
      "create materialized view public.m as select 1 as one; create unique index on public.m (one); refresh materialized view concurrently public.m;",
    ],
  ])("is granted to a file that needs it, and revoked afterwards: %s", async (_, sql) => {
    const database = await closedDatabase();
    expect(await scratch.migrate(database, { "000001_a.sql": sql })).toHaveLength(1);
    expect(await scratch.column(database, HOLDERS)).toEqual([]);
  });

  it("is not visible to other sessions while the file runs", async () => {
    const database = await closedDatabase();
    const seen = new Map<unknown, readonly unknown[]>();
    await scratch.migrate(
      database,
      { "000001_a.sql": "create temporary table one (i int); select i from one;" },
      {
        onStep: async ({ before }) =>
          void seen.set(before, await scratch.column(database, HOLDERS)),
      },
    );
    expect([...seen]).toEqual([0, 1, "ledger", "commit", "end"].map((before) => [before, []]));
  });

  it("blocks no vacuum while the file runs", async () => {
    const database = await closedDatabase();
    const done: unknown[] = [];
    await scratch.migrate(
      database,
      { "000001_a.sql": "create temporary table one (i int); select i from one;" },
      {
        onStep: ({ before }) =>
          scratch.session(database, async (client) => {
            // Vacuum would wait for the end of the migration, which waits for vacuum.
            await client.query("set lock_timeout = '5s'");
            done.push([before, (await client.query("vacuum pg_class")).command]);
          }),
      },
    );
    expect(done.at(-2)).toEqual(["commit", "VACUUM"]);
  });

  it("is revoked when the file fails", async () => {
    const database = await closedDatabase();
    const sql = "create temporary table one (i int); select 1 / 0;";
    expect(await refusal(scratch.migrate(database, { "000001_a.sql": sql }))).toContain(
      "division by zero",
    );
    expect(await scratch.column(database, HOLDERS)).toEqual([]);
  });

  it("is granted only by the migration login", async () => {
    const database = await closedDatabase();
    for (const role of ["owner", "member", "witness", "reader"]) {
      const call = scratch.session(database, (client) =>
        client.query(`set role ${role}; select sark_temporary.allow(true)`),
      );
      await expect(call).rejects.toThrow("permission denied for schema sark_temporary");
    }
  });

  it("is granted for a trigger's function, and again in each later file", async () => {
    const database = await closedDatabase();
    const files = {
      "000001_a.sql": `create table public.a (id int);
        create function public.f() returns trigger language plpgsql as
          $$ begin create temporary table one on commit drop as select 1 as i; return new; end $$;
        create trigger t after insert on public.a execute function public.f();`,
      "000002_b.sql": "insert into public.a values (1);",
      "000003_c.sql": "insert into public.a values (2);",
    };
    expect(await scratch.migrate(database, files)).toHaveLength(3);
    expect(await scratch.column(database, "select id as value from public.a")).toEqual([1, 2]);
    expect(await scratch.column(database, HOLDERS)).toEqual([]);
  });

  it("is not granted outside of a transaction", async () => {
    const database = await closedDatabase();
    const sql = `--! no-transaction
      do $$ begin commit; create temporary table one (i int); end $$;`;
    expect(await refusal(scratch.migrate(database, { "000001_a.sql": sql }))).toContain(
      "permission denied to create temporary tables",
    );
  });
});

describe("temporary table in a migration", () => {
  it("can be created, used without a schema, and filled from a query", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, {
      "000001_a.sql": `create temporary table one (i int); insert into one values (1);
        create temp table two on commit drop as select i + 1 as i from one;
        create index on two (i);
        create table public.kept as select i from two;`,
    });
    expect(await scratch.column(database, "select i as value from public.kept")).toEqual([2]);
  });

  it("is dropped before the next file", async () => {
    const database = await scratch.emptyDatabase();
    const files = {
      "000001_a.sql": "create temporary table one (i int);",
      "000002_b.sql": "create temporary table one (i int, j int);",
      "000003_c.sql": "select j from pg_temp.one;",
    };
    expect(await refusal(scratch.migrate(database, files))).toContain(
      'failed: 000003_c.sql:1: relation "pg_temp.one" does not exist',
    );
  });

  it("is created by the server for a concurrent refresh of a materialized view", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, {
      "000001_a.sql": `create materialized view public.m as select 1 as one;
        create unique index m_one on public.m (one);`,
      "000002_b.sql": "refresh materialized view concurrently public.m;",
    });
    expect(await scratch.column(database, "select one as value from public.m")).toEqual([1]);
  });
});
