import type { Node } from "@pgsql/types";
import { type Rule, eachStatement } from "../rule";

export const dropCascade: Rule = {
  name: "drop-cascade",
  reason:
    "What goes with it is found out when it is gone, and may be more on one server than on another.",
  check: (context) =>
    eachStatement(context, ({ node }) =>
      cascades(node)
        ? "Leave cascade out, and drop what depends on it by name, in the same file."
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
