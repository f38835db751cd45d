import type { Node } from "@pgsql/types";
import { parsePlPgSQLSync } from "libpg-query";
import type { MigrationErrorCode } from "./errors";
import { hasOption, isOptionOff, isOptionOn } from "../../sql-text/sql-options";
import { commandsOf, visitDescendants, nodesOf } from "../../sql-text/parse-tree";
import { COPY_FROM_STDIN } from "./parse";

/**
 * Where a statement of a migration may run.
 *
 * - `inside`: only in the file's transaction. Outside, some statements have no effect or are
 *   rejected by PostgreSQL; for the others, an interrupted run could not tell whether they were
 *   done.
 * - `outside`: only in a file marked `--! no-transaction`, because PostgreSQL rejects it in a
 *   transaction.
 * - `either`: as the file says. Whether PostgreSQL allows it in a transaction depends on what it
 *   calls or changes.
 * - `never`: rejected.
 */
export type StatementKind =
  | { readonly runs: "inside" | "outside" | "either" }
  | { readonly runs: "never"; readonly code: MigrationErrorCode; readonly why: string };

const INSIDE: StatementKind = { runs: "inside" };
const OUTSIDE: StatementKind = { runs: "outside" };
const EITHER: StatementKind = { runs: "either" };

/**
 * Classifies a statement. The list follows PostgreSQL 18's source, where statements that run outside call
 * PreventInTransactionBlock. docs/migrations.md describes it. The PL/pgSQL parser must be loaded.
 * @param sql the statement's text
 */
export function classifyStatement(node: Node, sql: string): StatementKind {
  return neverRuns(node) ?? runsIn(node, sql);
}

function runsIn(node: Node, sql: string): StatementKind {
  if ("IndexStmt" in node) {
    const { concurrent = false, options } = node.IndexStmt;
    return outsideIf(concurrent || isOptionOn(options, "transaction_per_chunk"));
  }
  if ("DropStmt" in node) return outsideIf(node.DropStmt.concurrent === true);
  if ("VacuumStmt" in node) return outsideIf(node.VacuumStmt.is_vacuumcmd === true);
  if ("AlterTableStmt" in node) return outsideIf(detachesConcurrently(node));
  // Rejected in a transaction for a partitioned table or index, but not for a plain one.
  if ("ClusterStmt" in node) return node.ClusterStmt.relation === undefined ? OUTSIDE : EITHER;
  if ("ReindexStmt" in node) {
    const { params, relation } = node.ReindexStmt;
    return isOptionOn(params, "concurrently") || relation === undefined ? OUTSIDE : EITHER;
  }
  if ("CreateSubscriptionStmt" in node) {
    const { options } = node.CreateSubscriptionStmt;
    return outsideIf(!isOptionOff(options, "connect") && !isOptionOff(options, "create_slot"));
  }
  if ("AlterSubscriptionStmt" in node) {
    const { kind = "", options } = node.AlterSubscriptionStmt;
    if (kind === "ALTER_SUBSCRIPTION_OPTIONS") {
      return outsideIf(isOptionOn(options, "failover") || isOptionOn(options, "two_phase"));
    }
    return outsideIf(REFRESHING_ALTERATIONS.includes(kind) && !isOptionOff(options, "refresh"));
  }
  // Rejected while the subscription has a slot.
  if ("DropSubscriptionStmt" in node) return EITHER;
  if ("CallStmt" in node) return EITHER;
  // TimescaleDB has functions that use several transactions, such as reorder_chunk.
  if ("SelectStmt" in node) return callsFunctions(node) ? EITHER : INSIDE;
  if ("CreateTableAsStmt" in node) {
    const { into } = node.CreateTableAsStmt;
    return outsideIf(hasOption(into?.options, "continuous") && into?.skipData !== true);
  }
  return "DoStmt" in node ? kindOfBlock(sql) : INSIDE;
}

const REFRESHING_ALTERATIONS = [
  "ALTER_SUBSCRIPTION_REFRESH",
  "ALTER_SUBSCRIPTION_SET_PUBLICATION",
  "ALTER_SUBSCRIPTION_ADD_PUBLICATION",
  "ALTER_SUBSCRIPTION_DROP_PUBLICATION",
];

/**
 * Classifies a `do` block: one that commits runs outside. Called procedures and dynamic SQL may commit too, as may a
 * block in a language that is not parsed here.
 */
function kindOfBlock(sql: string): StatementKind {
  let tree: string;
  try {
    tree = JSON.stringify(parsePlPgSQLSync(sql));
  } catch {
    // Not PL/pgSQL, or invalid; the server reports the error.
    return EITHER;
  }
  if (/"PLpgSQL_stmt_(commit|rollback)":/.test(tree)) return OUTSIDE;
  return /"PLpgSQL_stmt_(call|dynexecute)":/.test(tree) ? EITHER : INSIDE;
}

function neverRuns(node: Node): StatementKind | undefined {
  const never = (code: MigrationErrorCode, why: string): StatementKind => ({
    runs: "never",
    code,
    why,
  });
  if ("TransactionStmt" in node) {
    return never(
      "transaction-control",
      "begin, commit, rollback and savepoints are managed by the runner: remove the statement",
    );
  }
  // PostgreSQL rejects it after a query, and the runner has sent some; or the file could not be recorded.
  if ("VariableSetStmt" in node && /^TRANSACTION/.test(node.VariableSetStmt.name ?? "")) {
    return never("transaction-control", "the runner manages transactions: remove set transaction");
  }
  if ("CopyStmt" in node && node.CopyStmt.filename === undefined) {
    return never(
      "psql-command",
      node.CopyStmt.is_from === true
        ? COPY_FROM_STDIN
        : "copy to stdout sends rows to the client, which the runner discards: remove it",
    );
  }
  if ("DiscardStmt" in node && node.DiscardStmt.target === "DISCARD_ALL") {
    return never(
      "not-allowed",
      "discard all would release the lock that excludes other runs: discard specific things instead, such as discard plans",
    );
  }
  const [tag = ""] = Object.keys(node);
  const where =
    "AlterDatabaseStmt" in node && !hasOption(node.AlterDatabaseStmt.options, "tablespace")
      ? undefined
      : SERVER_STATEMENTS[tag];
  return where === undefined
    ? undefined
    : never(
        "not-allowed",
        `a migration may only change its own database, and this changes the server: ${where}`,
      );
}

/** Statements that cannot run in a transaction and need privileges that the migration login lacks. */
const SERVER_STATEMENTS: Readonly<Record<string, string>> = {
  AlterSystemStmt: "set the parameter in the stack's settings (sark-databases:sark, parameters)",
  AlterDatabaseStmt: "the stack has one tablespace",
  CreatedbStmt: "the stack creates its databases",
  DropdbStmt: "the stack creates its databases",
  CreateTableSpaceStmt: "the stack has one tablespace",
  DropTableSpaceStmt: "the stack has one tablespace",
};

function outsideIf(condition: boolean): StatementKind {
  return condition ? OUTSIDE : INSIDE;
}

function callsFunctions(node: Node): boolean {
  let found = false;
  visitDescendants(node, (_, key) => {
    found ||= key === "FuncCall";
  });
  return found;
}

function detachesConcurrently(node: Node): boolean {
  const partitions = nodesOf(
    "PartitionCmd",
    commandsOf(node).flatMap(({ def }) => def ?? []),
  );
  return partitions.some(({ concurrent }) => concurrent === true);
}
