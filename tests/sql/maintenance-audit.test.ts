import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HYPERTABLES } from "../../components/hypertables/plan/hypertable-facts";
import { MAINTENANCE } from "../../components/maintenance/plan/maintenance-plan";
import { SQL_FOLDER } from "../../scratch/migrated";
import { migratedAudit } from "../support/migrated-audit";
import type { TestTimescale } from "../support/timescale-thread";

jest.setTimeout(120_000);

let audit: TestTimescale;

beforeAll(async () => {
  audit = await migratedAudit();
  await audit.rows(`
    insert into audit_events (time, event_type, status)
    select now() - n * interval '1 minute', 'type ' || n % 5, 'ok' from generate_series(1, 20000) as n;
    insert into policy_evaluations (time, policy_name, decision, duration_ms)
    select now() - n * interval '1 minute', 'policy ' || n % 3, true, n % 50 from generate_series(1, 5000) as n;
    -- Days that are older than a week are compressed, as their policy does.
    select compress_chunk(c) from show_chunks('audit_events', older_than => interval '7 days') as c;
    set role sark_audit_maintain`);
});
afterAll(() => audit.close());

/** As the superuser: the maintenance login has no privilege to read the tables, and therefore not their statistics. */
const asSuperuser = async (question: string, table: string) => {
  await audit.rows("reset role");
  const rows = await audit.rows(question, [table]);
  await audit.rows("set role sark_audit_maintain");
  return rows;
};

const statisticsOfTheWhole = async (table: string) => {
  const rows = await asSuperuser(
    `select attname from pg_stats where schemaname = 'public' and tablename = $1 and inherited`,
    table,
  );
  return rows.length;
};

it("the analyze job analyzes each whole hypertable as the maintenance login, which autovacuum does not", async () => {
  const job = MAINTENANCE.find(({ database }) => database === "sark_audit");
  const file = job?.work.kind === "statements" ? job.work.file : "";
  const text = readFileSync(join(SQL_FOLDER, "maintenance", file), "utf8");
  const found = await audit.rows(text);
  const statements = found.map((row) => String(Object.values(row)[0]));
  expect(statements).toEqual(
    expect.arrayContaining(
      HYPERTABLES.map((table) => `select public.analyze_hypertable('public.${table}')`),
    ),
  );
  expect(await statisticsOfTheWhole("audit_events")).toBe(0);

  for (const statement of statements) await audit.rows(statement);
  expect(await statisticsOfTheWhole("audit_events")).toBeGreaterThan(5);
  expect(await statisticsOfTheWhole("policy_evaluations")).toBeGreaterThan(5);
  // The planner's estimate for one day, from uncompressed and compressed chunks.
  const [estimate] = await asSuperuser("select approximate_row_count($1) as rows", "audit_events");
  expect(Number(estimate?.["rows"])).toBeGreaterThan(19_000);
});

it("the audit maintenance jobs run no statement that needs a superuser", async () => {
  const [row] = await audit.rows(
    "select current_user as who, current_setting('is_superuser') as super",
  );
  expect(row).toEqual({ who: "sark_audit_maintain", super: "off" });
});

it("the analyze job analyzes only its owner's hypertables", async () => {
  for (const table of ["pg_catalog.pg_class", "public.audit_digests"]) {
    await expect(audit.rows("select public.analyze_hypertable($1)", [table])).rejects.toThrow(
      /is no hypertable of sark_audit_owner/,
    );
  }
});

it("audit maintenance has no reindex job, since TimescaleDB refuses concurrent reindexing", async () => {
  await expect(
    audit.rows("reindex index concurrently public.audit_events_user_id_time_idx"),
  ).rejects.toThrow(/hypertable/);
  await expect(audit.rows("reindex table concurrently public.audit_events")).rejects.toThrow(
    /hypertable|CONCURRENTLY/i,
  );
});
