import { temporaryRightSql } from "../../../../components/roles/plan/temporary-right";
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

/** A database as a stack leaves it, in which nobody may make temporary tables. */
async function closedDatabase(): Promise<string> {
  const database = await scratch.emptyDatabase();
  await scratch.session(database, (client) =>
    client.query(`
      alter database ${database} owner to postgres;
      revoke temporary on database ${database} from public;
      grant create on database ${database} to owner;
      grant usage on schema public to witness;
      grant temporary on database ${database} to temporary;
      ${temporaryRightSql({ role: "temporary", login: "migrator", members: ["owner", "witness"] })}`),
  );
  return database;
}

/** Roles that may make temporary tables, besides the one that exists for that. */
const HOLDERS = `select rolname as value from pg_roles
  where has_database_privilege(oid, current_database(), 'temporary') and not rolsuper and rolname <> 'temporary'`;

describe("the right to make temporary tables", () => {
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
  ])("is a file's that needs it, and nobody's afterwards: %s", async (_, sql) => {
    const database = await closedDatabase();
    expect(await scratch.migrate(database, { "000001_a.sql": sql })).toHaveLength(1);
    expect(await scratch.column(database, HOLDERS)).toEqual([]);
  });

  it("is seen by nobody else while the file runs", async () => {
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

  it("holds up no vacuum while the file runs", async () => {
    const database = await closedDatabase();
    const done: unknown[] = [];
    await scratch.migrate(
      database,
      { "000001_a.sql": "create temporary table one (i int); select i from one;" },
      {
        onStep: ({ before }) =>
          scratch.session(database, async (client) => {
            // It would wait for the migration's end, which waits for it.
            await client.query("set lock_timeout = '5s'");
            done.push([before, (await client.query("vacuum pg_class")).command]);
          }),
      },
    );
    expect(done.at(-2)).toEqual(["commit", "VACUUM"]);
  });

  it("is gone with a file that fails", async () => {
    const database = await closedDatabase();
    const sql = "create temporary table one (i int); select 1 / 0;";
    expect(await refusal(scratch.migrate(database, { "000001_a.sql": sql }))).toContain(
      "division by zero",
    );
    expect(await scratch.column(database, HOLDERS)).toEqual([]);
  });

  it("is given by the migrating login alone", async () => {
    const database = await closedDatabase();
    for (const role of ["owner", "member", "witness", "reader"]) {
      const call = scratch.session(database, (client) =>
        client.query(`set role ${role}; select sark_temporary.allow(true)`),
      );
      await expect(call).rejects.toThrow("permission denied for schema sark_temporary");
    }
  });

  it("is there for a function that a trigger calls, and in each later file", async () => {
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

  it("is not there outside of a transaction", async () => {
    const database = await closedDatabase();
    const sql = `--! no-transaction
      do $$ begin commit; create temporary table one (i int); end $$;`;
    expect(await refusal(scratch.migrate(database, { "000001_a.sql": sql }))).toContain(
      "permission denied to create temporary tables",
    );
  });
});

describe("a temporary table", () => {
  it("can be made, used without a schema, and filled from a query", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, {
      "000001_a.sql": `create temporary table one (i int); insert into one values (1);
        create temp table two on commit drop as select i + 1 as i from one;
        create index on two (i);
        create table public.kept as select i from two;`,
    });
    expect(await scratch.column(database, "select i as value from public.kept")).toEqual([2]);
  });

  it("is gone in the next file, as in a session of its own", async () => {
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

  it("is made by the server to refresh a materialized view concurrently", async () => {
    const database = await scratch.emptyDatabase();
    await scratch.migrate(database, {
      "000001_a.sql": `create materialized view public.m as select 1 as one;
        create unique index m_one on public.m (one);`,
      "000002_b.sql": "refresh materialized view concurrently public.m;",
    });
    expect(await scratch.column(database, "select one as value from public.m")).toEqual([1]);
  });
});
