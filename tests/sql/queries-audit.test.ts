/**
 * The hot queries of `sark_audit`, as prepared statements on ten generated days, three of them compressed: the index
 * that each uses in each chunk and the pages it touches, with custom and generic plans.
 */
import { projectRoot } from "../../components/files/project-root";
import { DISABLE_TRIGGERS } from "../../data/load-table";
import { loadTable } from "../../data/load-table";
import { tablesOf } from "../../data/tables";
import { findQuery } from "../../cli/commands/query-files";
import { readQueries } from "../../components/queries/query-folder";
import { midnight } from "../support/clock";
import {
  HOT_AUDIT_QUERIES,
  type HotAuditQuery,
  inChunks,
  SIZES,
} from "../support/hot-audit-queries";
import { migratedAudit } from "../support/migrated-audit";
import {
  type MeasuredPlan,
  measurePlan,
  nodesOf,
  PLAN_MODES,
  type PlanMode,
  type PlanNode,
} from "../support/query-plan";
import type { TestTimescale } from "../support/timescale-thread";

const VIEWS = ["hourly_audit_summary", "hourly_policy_stats", "daily_policy_stats"];
const QUERIES = readQueries(projectRoot());

/**
 * The rows run to the end of the day, so that the youngest chunk is complete. Weekends have fewer rows: the clock
 * begins on a Friday, so that no compressed day is at a weekend.
 */
const END = midnight(-1);

/** Rows of a chunk that is small enough for a sequential scan. */
const SMALL = 500;

let db: TestTimescale;

beforeAll(async () => {
  db = await migratedAudit();
  for (const data of tablesOf("sark_audit", { scale: "S", seed: 7, now: END, sizes: SIZES })) {
    await db.query(`begin; ${DISABLE_TRIGGERS}`);
    await loadTable(db.copyIn, data);
    await db.query("commit");
    await db.query(
      `select public.compress_chunk(c) from public.show_chunks('public.${data.table}', older_than => interval '7 days') as c`,
    );
  }
  const end = new Date(END.getTime() - 3_600_000).toISOString();
  for (const view of VIEWS) {
    await db.query(
      `call public.refresh_continuous_aggregate('public.${view}', null, '${end}', force => true)`,
    );
  }
  await db.query("vacuum analyze");
  // Planner costs of an SSD, as the stack's tuning sets them.
  await db.query("set random_page_cost = 1.1");
  await db.query("set session authorization sark_audit_readonly_a");
}, 180_000);

afterAll(() => db.close());

/** Dashboards, which read all of an aggregate's last days: tested below. */
const DASHBOARDS = ["events-by-hour", "policy-stats-by-day"];

/** It reads all the rows that it verifies. */
const VERIFICATION = ["verify-audit-digests"];

/** Rows that are newer than the aggregates: those of the last hour, and for days the hours of the last one. */
const NEWER = `
  select (select count(*) from public.audit_events where time >= e.at - interval '1 hour')
       + (select count(*) from public.policy_evaluations where time >= e.at - interval '1 hour')
       + (select count(*) from public.hourly_policy_stats where hour >= e.at - interval '1 day') as n
    from (values (timestamptz '${END.toISOString()}')) as e (at)`;

test("the table of hot queries holds each query of the audit database", () => {
  const audit = QUERIES.filter(({ group }) => group === "audit").map(({ name }) => name);
  expect(
    [...HOT_AUDIT_QUERIES.map(({ query }) => query), ...DASHBOARDS, ...VERIFICATION].sort(),
  ).toEqual(audit.sort());
});

const CASES = HOT_AUDIT_QUERIES.flatMap((hot) =>
  PLAN_MODES.filter((mode) => mode !== "force_generic_plan" || !hot.search).map(
    (mode) => [hot.query, mode, hot] as const,
  ),
);

test.each(CASES)(
  "%s, planned by %s, uses its index and touches few pages",
  async (name, mode, hot) => {
    const plan = await measure(name, await valuesOf(hot.values), mode);
    const scans = nodesOf(plan.tree).filter((node) => !isCompressed(node));
    expect(scans.flatMap(indexOf)).toEqual(expect.arrayContaining([...hot.indexes]));
    // A chunk of a weekend night is so small that any plan is as good.
    const other = scans.filter((node) => isSequential(node) || isOther(node, hot.indexes));
    expect(other.filter((node) => rowsRead(node) > SMALL)).toEqual([]);
    expect(plan.rows).toBeGreaterThan(0);
    expect(plan.pages).toBeLessThanOrEqual(hot.pages);
  },
);

test.each(DASHBOARDS)(
  "%s reads the aggregate, and only the last hour from its source",
  async (name) => {
    for (const mode of PLAN_MODES) {
      const plan = await measure(name, {}, mode);
      const asked = nodesOf(plan.tree).filter((node) => node["Actual Loops"] > 0);
      const chunks = new Set(asked.flatMap((node) => node["Relation Name"] ?? []).filter(isChunk));
      // Chunks: one of the aggregate, or two at the end of its month; for days one of the hours;
      // one of the newest rows.
      expect(chunks.size).toBeLessThanOrEqual(4);
      const newer = Number((await db.rows(NEWER))[0]?.["n"]);
      expect(plan.pages).toBeLessThanOrEqual(inChunks(4, plan.rows + newer));
    }
  },
);

describe("compressed audit days", () => {
  const OLD = "time < now() - interval '8 days'";

  test.each(PLAN_MODES)(
    "give a user's events without reading every batch, planned by %s",
    async (mode) => {
      const [user] = await db.rows(`
      select user_id, count(*)::int as events from public.audit_events where ${OLD} and user_id is not null
       group by 1 having count(*) = 2 order by 1 limit 1`);
      const values = { user_id: String(user?.["user_id"]), within: "10 days" };
      const { tree } = await measure("events-of-user", values, mode);
      const scans = nodesOf(tree).filter(({ Plans = [] }) => Plans.some(isCompressed));
      const columnar = scans.filter((node) => node["Custom Plan Provider"] !== undefined);
      expect(columnar.length).toBeGreaterThanOrEqual(2);
      const batches = columnar.flatMap(({ Plans = [] }) => Plans);
      const sum = (of: (node: PlanNode) => number | undefined): number =>
        batches.reduce((total, node) => total + (of(node) ?? 0), 0);
      const read = sum((node) => node["Actual Rows"]);
      const [all] = await db.rows(`
      select sum(z.numrows_post_compression)::int as batches
        from _timescaledb_catalog.compression_chunk_size as z join _timescaledb_catalog.chunk as k on k.id = z.chunk_id
        join timescaledb_information.chunks as c on (c.chunk_schema, c.chunk_name) = (k.schema_name, k.table_name)
       where c.hypertable_name = 'audit_events'`);
      expect(read).toBeGreaterThan(0);
      // Batches are ordered by user: for each kind of resource, the one batch whose range holds the user.
      expect(Number(all?.["batches"])).toBeGreaterThan(4 * read);
    },
  );
});

async function valuesOf(values: HotAuditQuery["values"] = {}): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, sql] of Object.entries(values)) {
    const [row] = await db.rows(`select v::text as value from (${sql}) as a (v)`);
    found[name] = String(row?.["value"]);
  }
  return found;
}

function measure(
  name: string,
  values: Readonly<Record<string, string>>,
  mode: PlanMode,
): Promise<MeasuredPlan> {
  return measurePlan({ rows: (text) => db.rows(text) }, findQuery(QUERIES, name), values, mode);
}

/** The name of an index without its chunk's prefix: of the hypertable, or for an aggregate's "hour" or "day". */
function indexOf(node: PlanNode): string[] {
  const name = node["Index Name"];
  if (name === undefined) return [];
  const [, own = name] = /^(?:_hyper)?_?\d+_\d+_(?:chunk_)?(.*)$/.exec(name) ?? [];
  const [, column = own] = /_materialized_hypertable_\d+_.*(hour|day)/.exec(own) ?? [];
  return [column];
}

function rowsRead(node: PlanNode): number {
  return node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0);
}

function isSequential(node: PlanNode): boolean {
  return node["Node Type"] === "Seq Scan";
}

function isOther(node: PlanNode, indexes: readonly string[]): boolean {
  return indexOf(node).some((index) => !indexes.includes(index));
}

function isChunk(relation: string): boolean {
  return relation.startsWith("_hyper_");
}

function isCompressed(node: PlanNode): boolean {
  return /^compress_hyper/.test(node["Relation Name"] ?? node["Index Name"] ?? "");
}
