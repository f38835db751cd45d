import type { Node } from "@pgsql/types";
import { type Rule, eachStatement, usedTargets } from "../rule";
import { isNamed } from "../../components/sql-text/sql-options";
import { type NodeOf, commandsOf, nodesOf } from "../../components/sql-text/walk";
import { targetsOf } from "../lint-targets";
import { columnsOf, isSerial } from "../column-of";

/** Statements about what lies outside of a database's schema. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  CreateRoleStmt:
    "roles are planned in components/roles/plan: groups in role-plan.ts, logins in logins.ts",
  AlterRoleStmt:
    "roles are planned in components/roles/plan: groups in role-plan.ts, logins in logins.ts",
  AlterRoleSetStmt: "settings of roles are planned in components/roles/plan/logins.ts",
  DropRoleStmt:
    "roles are planned in components/roles/plan: groups in role-plan.ts, logins in logins.ts",
  GrantRoleStmt: "memberships are planned in components/roles/plan/logins.ts",
  CreateExtensionStmt: "extensions are planned in components/roles/plan/role-plan.ts",
  AlterExtensionStmt: "extensions are updated with the server's image",
  AlterExtensionContentsStmt: "extensions are planned in components/roles/plan/role-plan.ts",
  CreatedbStmt: "databases are made by the stack",
  DropdbStmt: "databases are made by the stack",
  AlterDatabaseStmt: "databases are made by the stack",
  AlterDatabaseRefreshCollStmt: "databases are made by the stack",
  AlterDatabaseSetStmt: "parameters are computed by components/parameters/formulas",
  AlterTableSpaceOptionsStmt: "storage is planned by the stack",
  AlterSystemStmt: "parameters are computed by components/parameters/formulas",
  CreateTableSpaceStmt: "storage is planned by the stack",
  DropTableSpaceStmt: "storage is planned by the stack",
  ReassignOwnedStmt: "what a file makes belongs to the role that it runs as: write --! role",
  AlterOwnerStmt: "what a file makes belongs to the role that it runs as: write --! role",
};

/** `share`, the weakest mode that keeps others from writing. */
const SHARE = 5;
/** `access exclusive`, the one that keeps others from reading. */
const ACCESS_EXCLUSIVE = 8;

/** Commands of `alter table` that copy it; a column's new type is squawk's to judge. */
const COPYING = ["AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod"];

/** Statements that are refused by themselves. */
export const statementRules: readonly Rule[] = [
  {
    name: "drop-cascade",
    reason:
      "Nobody sees beforehand which objects cascade drops. It may drop more on one server than on another.",
    check: (context) =>
      eachStatement(context, ({ node }) =>
        cascades(node)
          ? "Remove cascade, and drop the dependent objects by name in the same file."
          : undefined,
      ),
  },
  {
    name: "grant-to-public",
    reason:
      "PUBLIC means every login, present and future. Privileges go to the groups in components/roles/plan/role-plan.ts.",
    check: (context) =>
      eachStatement(context, ({ node }) => {
        const { is_grant, grantees = [] } = grantOf(node) ?? {};
        const toPublic = nodesOf("RoleSpec", grantees).some(
          ({ roletype }) => roletype === "ROLESPEC_PUBLIC",
        );
        return is_grant === true && toPublic
          ? "Grant it to a group such as sark_reader, and not to public."
          : undefined;
      }),
  },
  {
    name: "only-schema",
    reason:
      "Roles, extensions, parameters and databases are the stack's, which knows what it made and can take it back; the role " +
      "that runs the files may not touch them.",
    check: (context) =>
      eachStatement(context, ({ node }) => {
        const where = ELSEWHERE[kindOf(node)];
        return where === undefined ? undefined : `Take it out: ${where}.`;
      }),
  },
  {
    name: "table-lock",
    reason:
      "Everybody who writes to the table waits until the file commits, and with the default mode everybody who reads it.",
    check: (context) =>
      eachStatement(context, (statement) => {
        const { node } = statement;
        if (!("LockStmt" in node)) return undefined;
        const { mode = ACCESS_EXCLUSIVE } = node.LockStmt;
        const used = usedTargets(context, statement);
        if (mode < SHARE || used.length === 0) return undefined;
        const whom = mode === ACCESS_EXCLUSIVE ? "reads and writes" : "writes";
        return `This blocks ${whom} of ${used.join(", ")} until the file commits: remove it, each statement takes the lock that it needs.`;
      }),
  },
  {
    name: "table-rewrite",
    reason:
      "These statements copy the whole table, and nobody can read it until they end. squawk knows some of them for " +
      "PostgreSQL 19 and later.",
    check: (context) =>
      eachStatement(context, (statement) => {
        const { node } = statement;
        const isNew = targetsOf(node).length > 0 && usedTargets(context, statement).length === 0;
        return isNew ? undefined : why(node);
      }),
  },
];

function cascades(node: Node): boolean {
  if ("DropStmt" in node) return node.DropStmt.behavior === "DROP_CASCADE";
  if ("DropOwnedStmt" in node) return true;
  return commandsOf(node).some(({ behavior }) => behavior === "DROP_CASCADE");
}

function grantOf(node: Node): NodeOf<"GrantStmt"> | undefined {
  if ("GrantStmt" in node) return node.GrantStmt;
  return "AlterDefaultPrivilegesStmt" in node ? node.AlterDefaultPrivilegesStmt.action : undefined;
}

/** What a statement of a general kind does, under the name of its particular one. */
const PARTICULAR: Readonly<Record<string, string>> = {
  OBJECT_ROLE: "AlterRoleStmt",
  OBJECT_DATABASE: "AlterDatabaseStmt",
  OBJECT_TABLESPACE: "AlterTableSpaceOptionsStmt",
  OBJECT_EXTENSION: "CreateExtensionStmt",
};

function kindOf(node: Node): string {
  // Of tables and views the owner is changed as their columns are.
  if (commandsOf(node).some(({ subtype }) => subtype === "AT_ChangeOwner")) return "AlterOwnerStmt";
  const object =
    "RenameStmt" in node
      ? node.RenameStmt.renameType
      : "DropStmt" in node
        ? node.DropStmt.removeType
        : undefined;
  return PARTICULAR[object ?? ""] ?? Object.keys(node)[0] ?? "";
}

function why(node: Node): string | undefined {
  if (copies(node)) {
    return "This copies the table and blocks its readers: create a new table, and fill it in batches.";
  }
  return columnsOf(commandsOf(node)).some(isSerial)
    ? "A serial column is computed for each row, which copies the table and blocks its readers: add a bigint column, " +
        "give it its default afterwards, and fill it in batches."
    : undefined;
}

function copies(node: Node): boolean {
  if ("ClusterStmt" in node) return true;
  if ("VacuumStmt" in node) {
    return isNamed(node.VacuumStmt.options, "full");
  }
  return commandsOf(node).some(({ subtype = "" }) => COPYING.includes(subtype));
}
