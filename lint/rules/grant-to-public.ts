import type { Node } from "@pgsql/types";
import { type Rule, eachStatement } from "../rule";
import type { NodeOf } from "../../components/sql-text/walk";

export const grantToPublic: Rule = {
  name: "grant-to-public",
  reason:
    "PUBLIC means every login, present and future. Privileges go to the groups in components/roles/plan/role-plan.ts.",
  check: (context) =>
    eachStatement(context, ({ node }) => {
      const { is_grant, grantees = [] } = grantOf(node) ?? {};
      const toPublic = grantees.some(
        (each) => "RoleSpec" in each && each.RoleSpec.roletype === "ROLESPEC_PUBLIC",
      );
      return is_grant === true && toPublic
        ? "Grant it to a group such as sark_reader, and not to public."
        : undefined;
    }),
};

function grantOf(node: Node): NodeOf<"GrantStmt"> | undefined {
  if ("GrantStmt" in node) return node.GrantStmt;
  return "AlterDefaultPrivilegesStmt" in node ? node.AlterDefaultPrivilegesStmt.action : undefined;
}
