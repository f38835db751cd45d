import type { Node } from "@pgsql/types";
import { isSerial } from "../column-of";
import { type Rule, eachStatement } from "../rule";
import { targetsOf } from "../lint-targets";

/** Commands of `alter table` that copy it; a column's new type is squawk's to judge. */
const COPYING = ["AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod"];

export const tableRewrite: Rule = {
  name: "table-rewrite",
  reason:
    "These statements copy the whole table, and nobody can read it until they end. squawk knows some of them for " +
    "PostgreSQL 19 and later.",
  check: (context) =>
    eachStatement(context, (statement) => {
      const { node } = statement;
      const objects = context.schema.named.get(statement);
      const targets = targetsOf(node);
      const isNew =
        targets.length > 0 && targets.every((name) => objects?.get(name)?.isNew === true);
      return isNew ? undefined : why(node);
    }),
};

function why(node: Node): string | undefined {
  if (copies(node)) {
    return "This copies the table and blocks its readers: create a new table, and fill it in batches.";
  }
  return addsSerial(node)
    ? "A serial column is computed for each row, which copies the table and blocks its readers: add a bigint column, " +
        "give it its default afterwards, and fill it in batches."
    : undefined;
}

function addsSerial(node: Node): boolean {
  if (!("AlterTableStmt" in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some(
    (each) =>
      "AlterTableCmd" in each &&
      each.AlterTableCmd.def !== undefined &&
      "ColumnDef" in each.AlterTableCmd.def &&
      isSerial(each.AlterTableCmd.def.ColumnDef),
  );
}

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
