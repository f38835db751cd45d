/** Measures the plan of a named query, run as the application does: as a prepared statement with bound values. */
import { bindQuery, valuesFor } from "../../components/queries/plan/bind-query";
import type { QueryFile } from "../../components/queries/plan/query-file";

/** The part of a session that is used: one statement after another. */
export interface Session {
  rows(text: string): Promise<Record<string, unknown>[]>;
}

/**
 * Values of plan_cache_mode: a custom plan each time, a generic plan, or the choice that the server makes after five
 * executions by estimated cost. A pool that prepares its statements has the last.
 */
export const PLAN_MODES = ["force_custom_plan", "force_generic_plan", "auto"] as const;

/** Number of executions after which the server has chosen. */
const UNTIL_CHOSEN = 6;

export type PlanMode = (typeof PLAN_MODES)[number];

export interface MeasuredPlan {
  /** Types of nodes, with the name of an index, from the top down. */
  readonly nodes: readonly string[];
  readonly indexes: readonly string[];
  /** Pages touched, in shared_buffers or not, by the execution. */
  readonly pages: number;
  readonly rows: number;
  /** The plan as EXPLAIN returns it. */
  readonly tree: PlanNode;
}

export interface PlanNode {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Shared Hit Blocks": number;
  readonly "Shared Read Blocks": number;
  readonly "Relation Name"?: string;
  /** Provider of a custom scan, such as TimescaleDB's for a compressed chunk. */
  readonly "Custom Plan Provider"?: string;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Executes a query a few times and then measures it: the first execution also fills the caches of the session. */
export async function measurePlan(
  session: Session,
  query: QueryFile,
  params: Readonly<Record<string, string>>,
  mode: PlanMode,
): Promise<MeasuredPlan> {
  const bound = await bindQuery(query);
  const values = valuesFor(query, bound, params).map((value) => `'${value.replaceAll("'", "''")}'`);
  const execute = `execute measured${values.length > 0 ? `(${values.join(", ")})` : ""}`;
  await session.rows(`set plan_cache_mode = ${mode}`);
  await session.rows(`prepare measured as ${bound.text}`);
  try {
    for (let i = 0; i < (mode === "auto" ? UNTIL_CHOSEN : 1); i++) await session.rows(execute);
    const [row] = await session.rows(`explain (analyze, buffers, format json) ${execute}`);
    return describe(planIn(row));
  } finally {
    await session.rows("deallocate measured");
  }
}

function planIn(row: Record<string, unknown> | undefined): PlanNode {
  const answer = row?.["QUERY PLAN"];
  const [plan] = (typeof answer === "string" ? JSON.parse(answer) : answer) as [{ Plan: PlanNode }];
  return plan.Plan;
}

function describe(tree: PlanNode): MeasuredPlan {
  const all = nodesOf(tree);
  return {
    nodes: all.map((node) => node["Node Type"]),
    indexes: all.flatMap((node) => node["Index Name"] ?? []),
    pages: pagesOf(tree),
    rows: tree["Actual Rows"],
    tree,
  };
}

/** A node and all below it, from the top down. */
export function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Pages that a node touched with all below it, in shared_buffers or not. */
function pagesOf(node: PlanNode): number {
  return node["Shared Hit Blocks"] + node["Shared Read Blocks"];
}
