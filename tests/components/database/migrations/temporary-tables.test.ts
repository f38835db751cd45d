import {
  type MigrationScratch,
  refusal,
  startMigrationScratch,
} from "../../../support/migration-scratch";

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch();
});
afterAll(() => scratch.server.stop());

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
      "000003_c.sql": "select j from one;",
    };
    expect(await refusal(scratch.migrate(database, files))).toContain(
      'failed: 000003_c.sql:1: relation "one" does not exist',
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
