/** How a named query is carried out as the application does it: as a prepared statement with bound values. */
import { bindQuery, valuesFor } from "../../components/queries/plan/bind";
import type { QueryFile } from "../../components/queries/plan/query-file";

/** What a session has to do: one statement after another. */
export interface Session {
  rows(text: string): Promise<Record<string, unknown>[]>;
}

/**
 * For its values each time, one time for all, or what the server chooses after five executions by what it expects them
 * to cost. The last is what a pool that prepares its statements has.
 */
export const PLAN_MODES = ["force_custom_plan", "force_generic_plan", "auto"] as const;

/** Executions after which the choice is made. */
const UNTIL_CHOSEN = 6;

export type PlanMode = (typeof PLAN_MODES)[number];

export interface MeasuredPlan {
  /** Kinds of nodes, and of an index that is used the name; in the order of the plan, from the top. */
  readonly nodes: readonly string[];
  readonly indexes: readonly string[];
  /** Pages touched, in shared_buffers or not, by the execution. */
  readonly pages: number;
  readonly rows: number;
  /** The plan as the server tells it. */
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
  /** Of a custom scan, such as TimescaleDB's of a compressed chunk. */
  readonly "Custom Plan Provider"?: string;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Executes a query a few times before it tells: the first also reads what a session needs to know once. */
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
