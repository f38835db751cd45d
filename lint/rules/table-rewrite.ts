import type { Node } from "@pgsql/types";
import { type Rule, eachStatement } from "../rule";

/** Commands of `alter table` that copy it; a column's new type is squawk's to judge. */
const COPYING = ["AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod"];

export const tableRewrite: Rule = {
  name: "table-rewrite",
  reason:
    "These statements copy the whole table, and nobody can read it until they end. squawk knows some of them for " +
    "PostgreSQL 19 and later.",
  check: (context) =>
    eachStatement(context, ({ node }) =>
      copies(node)
        ? "This copies the table and blocks its readers: create a new table, and fill it in batches."
        : undefined,
    ),
};

function copies(node: Node): boolean {
  if ("ClusterStmt" in node) return true;
  if ("VacuumStmt" in node) {
    const { options = [] } = node.VacuumStmt;
    return options.some((each) => "DefElem" in each && each.DefElem.defname === "full");
  }
  if (!("AlterTableStmt" in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some(
    (each) => "AlterTableCmd" in each && COPYING.includes(each.AlterTableCmd.subtype ?? ""),
  );
}
