import type { Node } from "@pgsql/types";
import { parsePlPgSQLSync } from "libpg-query";
import type { MigrationErrorCode } from "./errors";
import { isNamed, isOff, isOn } from "../../sql-text/sql-options";
import { commandsOf, eachBelow, nodesOf } from "../../sql-text/walk";
import { COPY_FROM_STDIN } from "./parse";

/**
 * Where a statement of a migration runs.
 *
 * - `inside`: in the file's transaction, and nowhere else: outside of it some do nothing or are refused by PostgreSQL, and
 *   of the others an interrupted run could not tell whether they were done.
 * - `outside`: only in a file marked `--! no-transaction`, since PostgreSQL refuses it in a transaction.
 * - `either`: as the file says. Whether PostgreSQL takes it in a transaction depends on what it calls or works on.
 * - `never`: refused.
 */
export type Kind =
  | { readonly runs: "inside" | "outside" | "either" }
  | { readonly runs: "never"; readonly code: MigrationErrorCode; readonly why: string };

const INSIDE: Kind = { runs: "inside" };
const OUTSIDE: Kind = { runs: "outside" };
const EITHER: Kind = { runs: "either" };

/**
 * The kind of a statement. The list is that of PostgreSQL 18's source: what runs outside calls PreventInTransactionBlock.
 * docs/migrations.md has it in words. The parser of PL/pgSQL has to be loaded.
 * @param sql the statement's text
 */
export function kindOf(node: Node, sql: string): Kind {
  return neverRuns(node) ?? runsIn(node, sql);
}

function runsIn(node: Node, sql: string): Kind {
  if ("IndexStmt" in node) {
    const { concurrent = false, options } = node.IndexStmt;
    return outsideIf(concurrent || isOn(options, "transaction_per_chunk"));
  }
  if ("DropStmt" in node) return outsideIf(node.DropStmt.concurrent === true);
  if ("VacuumStmt" in node) return outsideIf(node.VacuumStmt.is_vacuumcmd === true);
  if ("AlterTableStmt" in node) return outsideIf(detachesConcurrently(node));
  // A partitioned table or index is refused in a transaction, a plain one is not.
  if ("ClusterStmt" in node) return node.ClusterStmt.relation === undefined ? OUTSIDE : EITHER;
  if ("ReindexStmt" in node) {
    const { params, relation } = node.ReindexStmt;
    return isOn(params, "concurrently") || relation === undefined ? OUTSIDE : EITHER;
  }
  if ("CreateSubscriptionStmt" in node) {
    const { options } = node.CreateSubscriptionStmt;
    return outsideIf(!isOff(options, "connect") && !isOff(options, "create_slot"));
  }
  if ("AlterSubscriptionStmt" in node) {
    const { kind = "", options } = node.AlterSubscriptionStmt;
    if (kind === "ALTER_SUBSCRIPTION_OPTIONS") {
      return outsideIf(isOn(options, "failover") || isOn(options, "two_phase"));
    }
    return outsideIf(REFRESHING.includes(kind) && !isOff(options, "refresh"));
  }
  // It is refused while the subscription has a slot.
  if ("DropSubscriptionStmt" in node) return EITHER;
  if ("CallStmt" in node) return EITHER;
  // TimescaleDB has functions that work in several transactions, such as reorder_chunk.
  if ("SelectStmt" in node) return callsFunctions(node) ? EITHER : INSIDE;
  if ("CreateTableAsStmt" in node) {
    const { into } = node.CreateTableAsStmt;
    return outsideIf(isNamed(into?.options, "continuous") && into?.skipData !== true);
  }
  return "DoStmt" in node ? kindOfBlock(sql) : INSIDE;
}

const REFRESHING = [
  "ALTER_SUBSCRIPTION_REFRESH",
  "ALTER_SUBSCRIPTION_SET_PUBLICATION",
  "ALTER_SUBSCRIPTION_ADD_PUBLICATION",
  "ALTER_SUBSCRIPTION_DROP_PUBLICATION",
];

/** A `do` block that commits. What it calls may do so as well, and so may a block in a language that is not read here. */
function kindOfBlock(sql: string): Kind {
  let tree: string;
  try {
    tree = JSON.stringify(parsePlPgSQLSync(sql));
  } catch {
    // It is no PL/pgSQL, or has a mistake, which the server names.
    return EITHER;
  }
  if (/"PLpgSQL_stmt_(commit|rollback)":/.test(tree)) return OUTSIDE;
  return /"PLpgSQL_stmt_(call|dynexecute)":/.test(tree) ? EITHER : INSIDE;
}

function neverRuns(node: Node): Kind | undefined {
  const never = (code: MigrationErrorCode, why: string): Kind => ({ runs: "never", code, why });
  if ("TransactionStmt" in node) {
    return never(
      "transaction-control",
      "begin, commit, rollback and savepoints are the runner's: take the statement out",
    );
  }
  // Either PostgreSQL refuses it behind a query, and the runner has made some, or the file cannot be recorded.
  if ("VariableSetStmt" in node && /^TRANSACTION/.test(node.VariableSetStmt.name ?? "")) {
    return never(
      "transaction-control",
      "the transaction is the runner's: take set transaction out",
    );
  }
  if ("CopyStmt" in node && node.CopyStmt.filename === undefined) {
    return never(
      "psql-command",
      node.CopyStmt.is_from === true
        ? COPY_FROM_STDIN
        : "copy to stdout gives its rows to psql, and nobody reads them here: take it out",
    );
  }
  if ("DiscardStmt" in node && node.DiscardStmt.target === "DISCARD_ALL") {
    return never(
      "not-allowed",
      "discard all gives up the lock that keeps other runs out: write what is to be discarded, such as discard plans",
    );
  }
  const [tag = ""] = Object.keys(node);
  const where =
    "AlterDatabaseStmt" in node && !isNamed(node.AlterDatabaseStmt.options, "tablespace")
      ? undefined
      : OF_THE_STACK[tag];
  return where === undefined
    ? undefined
    : never(
        "not-allowed",
        `a migration changes one database, and this is about the server: ${where}`,
      );
}

/** What no transaction takes, and no login that migrates may do. */
const OF_THE_STACK: Readonly<Record<string, string>> = {
  AlterSystemStmt: "set the parameter in the stack's settings (sark-databases:sark, parameters)",
  AlterDatabaseStmt: "the stack has one tablespace",
  CreatedbStmt: "the stack makes its databases itself",
  DropdbStmt: "the stack makes its databases itself",
  CreateTableSpaceStmt: "the stack has one tablespace",
  DropTableSpaceStmt: "the stack has one tablespace",
};

function outsideIf(condition: boolean): Kind {
  return condition ? OUTSIDE : INSIDE;
}

function callsFunctions(node: Node): boolean {
  let found = false;
  eachBelow(node, (_, key) => {
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
