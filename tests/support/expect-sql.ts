/** Helpers for tests of SQL. */
import type { Client } from "pg";

/** SQLSTATEs. */
export const DENIED = "42501";
export const CHECK_VIOLATION = "23514";
export const RESTRICT_VIOLATION = "23001";
export const FOREIGN_KEY_VIOLATION = "23503";
export const UNIQUE_VIOLATION = "23505";

/** The SQLSTATE with which a statement fails, or "ok". */
export async function sqlStateOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return "ok";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (typeof code === "string") return code;
    throw error;
  }
}

/** The only value of a one-row result. */
export async function valueOf(
  client: Client,
  text: string,
  params: unknown[] = [],
): Promise<unknown> {
  const { rows } = await client.query<Record<string, unknown>>(text, params);
  if (rows.length !== 1) throw new Error(`${rows.length} rows, not one: ${text}`);
  return Object.values(rows[0] ?? {})[0];
}

/** A query plan: the types of its nodes and the indexes that they use, from the top down. */
export interface Plan {
  readonly nodes: readonly string[];
  readonly indexes: readonly string[];
}

/** Plans a statement with literal values. */
export async function planOf(client: Client, statement: string): Promise<Plan> {
  const explained = await valueOf(client, `explain (format json) ${statement}`);
  const nodes: string[] = [];
  const indexes: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("Node Type" in value) nodes.push(String(value["Node Type"]));
    if ("Index Name" in value) indexes.push(String(value["Index Name"]));
    Object.values(value).forEach(visit);
  };
  visit(explained);
  return { nodes, indexes };
}
