import type { Node } from "@pgsql/types";
import { type Rule, eachStatement } from "../rule";

/** Commands of `alter table` that copy it; a column's new type is squawk's to judge. */
const COPYING = ["AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod"];

export const tableRewrite: Rule = {
  name: "table-rewrite",
  reason:
    "These copy the whole table, and nobody reads it until they are done; squawk knows some of them from PostgreSQL 19 on.",
  check: (context) =>
    eachStatement(context, ({ node }) =>
      copies(node)
        ? "It copies the table, and locks out whoever reads it: make a new table instead, and fill it in batches."
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
