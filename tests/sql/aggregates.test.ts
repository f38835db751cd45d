/** The continuous aggregates on a month of generated history: they agree with the rows, late rows included. */
import { loadTable } from "../../data/load-table";
import { tablesOf } from "../../data/tables";
import { NOW } from "../support/clock";
import { migratedAudit } from "../support/migrated-audit";
import type { TestTimescale } from "../support/timescale-thread";

let db: TestTimescale;

const VIEWS = ["hourly_audit_summary", "hourly_policy_stats", "daily_policy_stats"] as const;
type View = (typeof VIEWS)[number];

/** The columns that each aggregate sums, and the same sums from the rows. `:since` is a condition on time. */
const QUESTIONS: Readonly<Record<View, { source: string; dashboard: string; raw: string }>> = {
  hourly_audit_summary: {
    source: "audit_events",
    dashboard: `
      select hour as at, event_type, resource_type, status, total_events::int as n, anonymous_events::int as anonymous,
             last_event_at::text as last
        from public.hourly_audit_summary where :since`,
    raw: `
      select public.time_bucket('1 hour', time) as at, event_type, resource_type, status, count(*)::int as n,
             (count(*) filter (where user_id is null))::int as anonymous, max(time)::text as last
        from public.audit_events where :since group by 1, 2, 3, 4`,
  },
  hourly_policy_stats: {
    source: "policy_evaluations",
    dashboard: `
      select hour as at, policy_name, total_evaluations::int as n, allowed::int, denied::int, cache_hits::int as hits,
             sum_duration_ms::int as ms, max_duration_ms as max
        from public.hourly_policy_stats where :since`,
    raw: `
      select public.time_bucket('1 hour', time) as at, policy_name, count(*)::int as n,
             (count(*) filter (where decision))::int as allowed, (count(*) filter (where not decision))::int as denied,
             (count(*) filter (where cache_hit))::int as hits, sum(duration_ms)::int as ms, max(duration_ms) as max
        from public.policy_evaluations where :since group by 1, 2`,
  },
  daily_policy_stats: {
    source: "policy_evaluations",
    dashboard: `
      select day as at, policy_name, total_evaluations::int as n, allowed::int, denied::int, cache_hits::int as hits,
             sum_duration_ms::int as ms, max_duration_ms as max
        from public.daily_policy_stats where :since`,
    raw: `
      select public.time_bucket('1 day', time) as at, policy_name, count(*)::int as n,
             (count(*) filter (where decision))::int as allowed, (count(*) filter (where not decision))::int as denied,
             (count(*) filter (where cache_hit))::int as hits, sum(duration_ms)::int as ms, max(duration_ms) as max
        from public.policy_evaluations where :since group by 1, 2`,
  },
};

/** The time column: of the bucket in a view, of the row in its source. */
const bucketOf = (view: View): string => (view === "daily_policy_stats" ? "day" : "hour");

/** Whole days, so that no bucket is cut in two. */
const since = (column: string): string =>
  `${column} >= date_trunc('day', now(), 'UTC') - interval '30 days'`;

const dashboard = (view: View): string =>
  QUESTIONS[view].dashboard.replace(":since", since(bucketOf(view)));

const answers = async (view: View): Promise<{ aggregate: unknown[]; raw: unknown[] }> => {
  const sorted = async (sql: string): Promise<unknown[]> => {
    const rows = await db.rows(sql);
    return rows.map((row) => JSON.stringify(row)).sort();
  };
  return {
    aggregate: await sorted(dashboard(view)),
    raw: await sorted(QUESTIONS[view].raw.replace(":since", since("time"))),
  };
};

/** Runs the refresh jobs, hourly aggregates before the daily ones that are built on them. */
const runJobs = async (procedure: string): Promise<void> => {
  const jobs = await db.rows(
    "select job_id from timescaledb_information.jobs where proc_name = $1 order by hypertable_name desc",
    [procedure],
  );
  for (const { job_id } of jobs) await db.query(`call public.run_job(${String(job_id)})`);
};
const runRefreshJobs = (): Promise<void> => runJobs("policy_refresh_continuous_aggregate");

/** Refreshes everything up to the end offset of the policies; queries compute the rest in real time. */
const refreshAll = async (): Promise<void> => {
  for (const view of VIEWS) {
    const end = `now() - interval '1 ${bucketOf(view)}'`;
    await db.query(`call public.refresh_continuous_aggregate('public.${view}', null, ${end})`);
  }
};

/** Inserts one event and one decision now, dated some time ago. */
const tellLate = async (age: string, name: string): Promise<void> => {
  await db.query(`
    insert into public.audit_events (time, event_type, status)
    values (now() - interval '${age}', '${name}', 'success');
    insert into public.policy_evaluations (time, policy_name, decision, duration_ms)
    values (now() - interval '${age}', '${name}', false, 7)`);
};

/** Number of rows with that name that an aggregate counts. */
const counted = async (view: View, name: string): Promise<number> => {
  const [row] = await db.rows(
    view === "hourly_audit_summary"
      ? "select coalesce(sum(total_events), 0)::int as n from public.hourly_audit_summary where event_type = $1"
      : `select coalesce(sum(total_evaluations), 0)::int as n from public.${view} where policy_name = $1`,
    [name],
  );
  return Number(row?.["n"]);
};

beforeAll(async () => {
  db = await migratedAudit();
  // The session is a superuser's, whose rows may carry any time. It does not set session_replication_role to `replica`:
  // then no trigger would log the invalidations of late rows, and no refresh would see them.
  const tables = tablesOf("sark_audit", {
    scale: "S",
    seed: 11,
    now: NOW,
    sizes: { days: 33, auditEvents: 12_000, policyEvaluations: 12_000, policies: 12 },
  });
  for (const table of tables) await loadTable(db.copyIn, table);
  await refreshAll();
  await runRefreshJobs();
}, 120_000);

afterAll(() => db.close());

/** Hypertables that a plan scans, each with the number of scanned chunks. */
async function scanned(sql: string): Promise<Readonly<Record<string, number>>> {
  const [row] = await db.rows(`explain (analyze, costs off, timing off, format json) ${sql}`);
  const tables = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("Relation Name" in node && "Actual Loops" in node && node["Actual Loops"] !== 0) {
      tables.add(String(node["Relation Name"]));
    }
    Object.values(node).forEach(visit);
  };
  visit(row);
  const found = await db.rows(
    `select coalesce(v.view_name, c.hypertable_name)::text as name, count(*)::int as chunks
       from timescaledb_information.chunks as c
       left join timescaledb_information.continuous_aggregates as v
         on (v.materialization_hypertable_schema, v.materialization_hypertable_name) = (c.hypertable_schema, c.hypertable_name)
      where c.chunk_name = any (string_to_array($1, ','))
      group by 1 order by 1`,
    [[...tables].join(",")],
  );
  return Object.fromEntries(found.map((row) => [String(row["name"]), Number(row["chunks"])]));
}

describe.each(VIEWS)("%s", (view) => {
  test("answers 30 days from its own chunks, and reads rows only of the time not yet refreshed", async () => {
    const { source } = QUESTIONS[view];
    const chunks = await scanned(dashboard(view));
    expect(chunks[view]).toBeGreaterThanOrEqual(1);
    // The last hours are computed from the rows: those of today, or of yesterday and today.
    expect(chunks[source] ?? 0).toBeLessThanOrEqual(source === "audit_events" ? 2 : 8);

    const raw = await scanned(QUESTIONS[view].raw.replace(":since", since("time")));
    expect(raw[source]).toBeGreaterThanOrEqual(30);
    expect(raw[view]).toBeUndefined();
  });

  test("agrees with a count of the rows", async () => {
    const { aggregate, raw } = await answers(view);
    expect(raw.length).toBeGreaterThan(300);
    expect(aggregate).toEqual(raw);
  });
});

describe("late audit rows", () => {
  // A refresh covers the whole hours of the last 74, and runs every hour.
  test.each(["2 hours", "1 day", "3 days"])(
    "are counted by the next refresh when %s late",
    async (age) => {
      await tellLate(age, `late by ${age}`);
      for (const view of VIEWS) {
        const { aggregate, raw } = await answers(view);
        // Rows in regions never refreshed count at once; only the others depend on the next refresh.
        if (age !== "2 hours") expect(aggregate).not.toEqual(raw);
      }
      await runRefreshJobs();
      for (const view of VIEWS) {
        expect([view, await counted(view, `late by ${age}`)]).toEqual([view, 1]);
        const { aggregate, raw } = await answers(view);
        expect(aggregate).toEqual(raw);
      }
    },
  );

  // The daily refresh looks back five days, but it sums hours, and those are stale.
  test.each(["75 hours", "4 days"])(
    "are in no aggregate until a manual refresh when %s late",
    async (age) => {
      const name = `too late by ${age}`;
      await tellLate(age, name);
      await runRefreshJobs();
      for (const view of VIEWS) {
        expect([view, await counted(view, name)]).toEqual([view, 0]);
        const { aggregate, raw } = await answers(view);
        expect(aggregate).not.toEqual(raw);
      }
      await refreshAll();
      for (const view of VIEWS) expect([view, await counted(view, name)]).toEqual([view, 1]);
    },
  );
});

describe("old chunks of audit rows", () => {
  test("give the same aggregates when compressed, before and after a refresh of their time", async () => {
    await runJobs("policy_compression");
    const [compressed] = await db.rows(
      "select count(*)::int as n from timescaledb_information.chunks where is_compressed and hypertable_name = 'audit_events'",
    );
    expect(Number(compressed?.["n"])).toBeGreaterThan(20);
    await tellLate("20 days", "into a compressed chunk");
    await refreshAll();
    for (const view of VIEWS) {
      expect([view, await counted(view, "into a compressed chunk")]).toEqual([view, 1]);
      const { aggregate, raw } = await answers(view);
      expect(aggregate).toEqual(raw);
    }
  }, 60_000);

  test("stay in the aggregates after retention dropped them, whatever refresh job runs later", async () => {
    await db.query(`
      select public.alter_job(job_id, config => jsonb_set(config, '{drop_after}', '"10 days"'))
        from timescaledb_information.jobs
       where proc_name = 'policy_retention' and hypertable_name in ('audit_events', 'policy_evaluations')`);
    const before = await Promise.all(VIEWS.map((view) => answers(view)));
    await runJobs("policy_retention");
    await tellLate("1 hour", "after the drop");
    await runRefreshJobs();
    for (const [at, view] of VIEWS.entries()) {
      const { aggregate, raw } = await answers(view);
      expect(raw.length).toBeLessThan((before[at]?.raw.length ?? 0) / 2);
      const kept = new Set(aggregate);
      // The current hour has one more row now.
      const lost = (before[at]?.aggregate ?? []).filter((row) => !kept.has(row));
      expect([view, lost]).toEqual([view, []]);
    }
  }, 60_000);

  test("disappear from the aggregates if retention dropped them and their time is refreshed by hand", async () => {
    await refreshAll();
    for (const view of VIEWS) {
      const { aggregate, raw } = await answers(view);
      expect(aggregate.length).toBeLessThanOrEqual(raw.length);
    }
  });
});
