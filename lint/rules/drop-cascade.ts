import type { Node } from "@pgsql/types";
import { type Rule, eachStatement } from "../rule";

export const dropCascade: Rule = {
  name: "drop-cascade",
  reason:
    "Nobody sees beforehand which objects cascade drops. It may drop more on one server than on another.",
  check: (context) =>
    eachStatement(context, ({ node }) =>
      cascades(node)
        ? "Remove cascade, and drop the dependent objects by name in the same file."
        : undefined,
    ),
};

function cascades(node: Node): boolean {
  if ("DropStmt" in node) return node.DropStmt.behavior === "DROP_CASCADE";
  if ("DropOwnedStmt" in node) return true;
  if (!("AlterTableStmt" in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some(
    (each) => "AlterTableCmd" in each && each.AlterTableCmd.behavior === "DROP_CASCADE",
  );
}
