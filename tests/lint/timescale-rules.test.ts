import matrix from "../../components/homes/kubernetes/plan/compatibility.json";
import type { DatabaseName } from "../../components/roles/plan/role-plan";
import { readDatabase } from "../../lint/lint-database";
import type { ParsedStatement } from "../../lint/parsed";
import { ruleFindings } from "../../lint/rules/rules";
import { FUNCTIONS, type TimescaleFeature } from "../../lint/timescale/features";
import { timescaleUses } from "../../lint/timescale/uses";
import { migrationFiles } from "../../scratch/migrated";
import { type TestTimescale, openTimescale } from "../support/timescale-thread";

jest.setTimeout(60_000);

async function statementsOf(database: DatabaseName): Promise<readonly ParsedStatement[]> {
  const texts = migrationFiles(database).map(({ name, sql }) => [name, sql] as const);
  const reading = await readDatabase(database, `sql/${database}`, Object.fromEntries(texts));
  if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
  return reading.database.files.flatMap(({ statements }) => statements);
}

describe("a real TimescaleDB", () => {
  let timescale: TestTimescale;

  beforeAll(async () => {
    timescale = openTimescale();
    await timescale.query("create extension timescaledb");
    await timescale.query(`
      create table public.readings (time timestamptz, sensor uuid, primary key (time, sensor));
      select public.create_hypertable('public.readings', public.by_range('time'));
      insert into public.readings values (now(), gen_random_uuid())`);
  });
  afterAll(async () => {
    await timescale.close();
  });

  it("has only public functions whose licence the lint knows", async () => {
    const rows = await timescale.rows(`
      select distinct p.proname as name
        from pg_proc as p
        join pg_depend as d on d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
        join pg_extension as e on e.oid = d.refobjid and e.extname = 'timescaledb'
       where p.pronamespace = 'public'::regnamespace`);
    expect([...FUNCTIONS.keys()].sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  const aggregate = `
    create materialized view public.hourly with (timescaledb.continuous) as
    select public.time_bucket('1 hour', time), count(*) from public.readings group by 1`;

  it.each([
    ["create index concurrently i on public.readings (sensor)", "do not support concurrent index"],
    ["reindex table concurrently public.readings", "on hypertables is not supported"],
    ["reindex index concurrently public.readings_pkey", "on a hypertable is unsupported"],
    ["reindex index public.readings_pkey", "on a hypertable is unsupported"],
    [
      "drop index concurrently public.readings_time_idx",
      "does not support dropping multiple objects",
    ],
    [
      "create unique index k on public.readings (time, sensor); alter table public.readings add constraint k unique using index k",
      "do not support adding a constraint using an existing index",
    ],
    ["create unique index i on public.readings (sensor)", 'without the column "time"'],
    [`begin; ${aggregate}; commit`, "WITH DATA cannot run inside a transaction block"],
  ])("refuses a statement that the lint refuses: %s", async (sql, message) => {
    await expect(timescale.query(sql)).rejects.toThrow(message);
    await timescale.query("rollback");
  });

  it("accepts a comment on a continuous aggregate only on view, as rule comments advises", async () => {
    const comments = async () => {
      const files = { "000001_x.sql": `${aggregate} with no data;` };
      const reading = await readDatabase("sark_audit", "sql/x", files);
      if ("findings" in reading) throw new Error(JSON.stringify(reading.findings));
      return ruleFindings(reading.database).filter(({ rule }) => rule === "comments");
    };
    const text = (await comments())[0]?.text ?? "";
    const advice = /write (.* is '\.\.\.')\.$/.exec(text)?.[1] ?? "";
    expect(advice).toBe("comment on view public.hourly is '...'");
    await timescale.query(`${aggregate} with no data`);
    await expect(timescale.query(advice)).resolves.toBeDefined();
    const other = advice.replace("on view", "on materialized view");
    await expect(timescale.query(other)).rejects.toThrow("is not a materialized view");
    await timescale.query("drop materialized view public.hourly");
  });

  it.each([
    "create index readings_sensor_idx on public.readings (sensor)",
    "reindex table public.readings",
    "drop index public.readings_sensor_idx",
    `begin; ${aggregate} with no data; commit`,
  ])("accepts the alternative that the lint advises: %s", async (sql) => {
    await expect(timescale.query(sql)).resolves.toBeDefined();
  });

  // Must run last: the remains of the index cannot be dropped.
  it("cannot create an index chunk by chunk when it is embedded in a local home", async () => {
    const sql =
      "create index i on public.readings (sensor) with (timescaledb.transaction_per_chunk)";
    await expect(timescale.query(sql)).rejects.toThrow("tuple concurrently");
  });
});

it("the lint finds in sark_audit exactly the features for which the preview refuses an Apache build", async () => {
  expect(timescaleFeatures(await statementsOf("sark_audit"))).toEqual(
    [...matrix.timescaledb.licence.needs].sort(),
  );
});

it("the lint finds no use of TimescaleDB in sark", async () => {
  expect(timescaleFeatures(await statementsOf("sark"))).toEqual([]);
});

/** The features under the Timescale licence that the statements use; empty if the Apache build runs them. */
function timescaleFeatures(statements: readonly ParsedStatement[]): readonly TimescaleFeature[] {
  const needed = timescaleUses(statements).flatMap(({ licence }) =>
    licence === undefined || licence === "apache" ? [] : [licence],
  );
  return [...new Set(needed)].sort();
}
