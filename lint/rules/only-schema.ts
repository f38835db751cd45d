import type { Node } from "@pgsql/types";
import { type Rule, eachStatement } from "../rule";

/** Statements about what lies outside of a database's schema. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  CreateRoleStmt: "roles are planned in components/roles/plan/role-plan.ts",
  AlterRoleStmt: "roles are planned in components/roles/plan/role-plan.ts",
  AlterRoleSetStmt: "settings of roles are planned in components/roles/plan/role-plan.ts",
  DropRoleStmt: "roles are planned in components/roles/plan/role-plan.ts",
  GrantRoleStmt: "memberships are planned in components/roles/plan/role-plan.ts",
  CreateExtensionStmt: "extensions are planned in components/roles/plan/role-plan.ts",
  AlterExtensionStmt: "extensions are updated with the server's image",
  AlterExtensionContentsStmt: "extensions are planned in components/roles/plan/role-plan.ts",
  CreatedbStmt: "databases are made by the stack",
  DropdbStmt: "databases are made by the stack",
  AlterDatabaseStmt: "databases are made by the stack",
  AlterDatabaseRefreshCollStmt: "databases are made by the stack",
  AlterDatabaseSetStmt: "parameters are computed by components/parameters/known",
  AlterTableSpaceOptionsStmt: "storage is planned by the stack",
  AlterSystemStmt: "parameters are computed by components/parameters/known",
  CreateTableSpaceStmt: "storage is planned by the stack",
  DropTableSpaceStmt: "storage is planned by the stack",
  ReassignOwnedStmt: "what a file makes belongs to the role that it runs as: write --! role",
  AlterOwnerStmt: "what a file makes belongs to the role that it runs as: write --! role",
};

export const onlySchema: Rule = {
  name: "only-schema",
  reason:
    "Roles, extensions, parameters and databases are the stack's, which knows what it made and can take it back; the role " +
    "that runs the files may not touch them.",
  check: (context) =>
    eachStatement(context, ({ node }) => {
      const where = ELSEWHERE[kindOf(node)];
      return where === undefined ? undefined : `Take it out: ${where}.`;
    }),
};

/** What a statement of a general kind does, under the name of its particular one. */
const PARTICULAR: Readonly<Record<string, string>> = {
  OBJECT_ROLE: "AlterRoleStmt",
  OBJECT_DATABASE: "AlterDatabaseStmt",
  OBJECT_TABLESPACE: "AlterTableSpaceOptionsStmt",
  OBJECT_EXTENSION: "CreateExtensionStmt",
};

function kindOf(node: Node): string {
  if (changesOwner(node)) return "AlterOwnerStmt";
  const object =
    "RenameStmt" in node
      ? node.RenameStmt.renameType
      : "DropStmt" in node
        ? node.DropStmt.removeType
        : undefined;
  return PARTICULAR[object ?? ""] ?? Object.keys(node)[0] ?? "";
}

/** Of tables and views the owner is changed as their columns are. */
function changesOwner(node: Node): boolean {
  return (
    "AlterTableStmt" in node &&
    (node.AlterTableStmt.cmds ?? []).some(
      (each) => "AlterTableCmd" in each && each.AlterTableCmd.subtype === "AT_ChangeOwner",
    )
  );
}
