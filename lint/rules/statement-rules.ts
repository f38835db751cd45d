import type { Node } from "@pgsql/types";
import { type Rule, eachStatement, existingTargets } from "../rule";
import { hasOption } from "../../components/sql-text/sql-options";
import { type NodeOf, commandsOf, nodesOf } from "../../components/sql-text/parse-tree";
import { changedObjects } from "../statement-objects";
import { definedColumns, isSerial } from "../column-definitions";

/** Statements on objects outside the database's schema, each with the place that manages them. */
const MANAGED_ELSEWHERE: Readonly<Record<string, string>> = {
  CreateRoleStmt:
    "roles are defined in components/roles/plan: groups in role-plan.ts, logins in logins.ts",
  AlterRoleStmt:
    "roles are defined in components/roles/plan: groups in role-plan.ts, logins in logins.ts",
  AlterRoleSetStmt: "role settings are defined in components/roles/plan/logins.ts",
  DropRoleStmt:
    "roles are defined in components/roles/plan: groups in role-plan.ts, logins in logins.ts",
  GrantRoleStmt: "memberships are defined in components/roles/plan/logins.ts",
  CreateExtensionStmt: "extensions are defined in components/roles/plan/role-plan.ts",
  AlterExtensionStmt: "extensions are updated with the server's image",
  AlterExtensionContentsStmt: "extensions are defined in components/roles/plan/role-plan.ts",
  CreatedbStmt: "the stack creates databases",
  DropdbStmt: "the stack creates databases",
  AlterDatabaseStmt: "the stack creates databases",
  AlterDatabaseRefreshCollStmt: "the stack creates databases",
  AlterDatabaseSetStmt: "parameters are computed by components/parameters/formulas",
  AlterTableSpaceOptionsStmt: "the stack manages storage",
  AlterSystemStmt: "parameters are computed by components/parameters/formulas",
  CreateTableSpaceStmt: "the stack manages storage",
  DropTableSpaceStmt: "the stack manages storage",
  ReassignOwnedStmt: "objects belong to the role that runs the file: write --! role",
  AlterOwnerStmt: "objects belong to the role that runs the file: write --! role",
};

/** `share`, the weakest lock mode that blocks writes. */
const SHARE = 5;
/** `access exclusive`, the only lock mode that blocks reads. */
const ACCESS_EXCLUSIVE = 8;

/** `alter table` commands that rewrite the table. squawk checks changes of a column's type. */
const REWRITING = ["AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod"];

/** Rules on single statements. */
export const statementRules: readonly Rule[] = [
  {
    name: "drop-cascade",
    reason:
      "The statement does not show which objects cascade drops, and it may drop more on one server than on another.",
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
      "PUBLIC is every login, present and future. Grant to the groups in components/roles/plan/role-plan.ts.",
    check: (context) =>
      eachStatement(context, ({ node }) => {
        const { is_grant, grantees = [] } = grantOf(node) ?? {};
        const toPublic = nodesOf("RoleSpec", grantees).some(
          ({ roletype }) => roletype === "ROLESPEC_PUBLIC",
        );
        return is_grant === true && toPublic
          ? "Grant it to a group such as sark_reader instead of public."
          : undefined;
      }),
  },
  {
    name: "only-schema",
    reason:
      "The stack creates and tracks roles, extensions, parameters and databases, and can remove them. The role that runs " +
      "migrations may not change them.",
    check: (context) =>
      eachStatement(context, ({ node }) => {
        const where = MANAGED_ELSEWHERE[kindOf(node)];
        return where === undefined ? undefined : `Remove it: ${where}.`;
      }),
  },
  {
    name: "table-lock",
    reason:
      "The lock blocks writes to the table until the file commits, and in the default mode also reads.",
    check: (context) =>
      eachStatement(context, (statement) => {
        const { node } = statement;
        if (!("LockStmt" in node)) return undefined;
        const { mode = ACCESS_EXCLUSIVE } = node.LockStmt;
        const used = existingTargets(context, statement);
        if (mode < SHARE || used.length === 0) return undefined;
        const access = mode === ACCESS_EXCLUSIVE ? "reads and writes" : "writes";
        return `This blocks ${access} of ${used.join(", ")} until the file commits: remove it; each statement takes the lock that it needs.`;
      }),
  },
  {
    name: "table-rewrite",
    reason:
      "These statements rewrite the whole table and block reads until they end. squawk reports some of them, but only for " +
      "PostgreSQL 19 and later.",
    check: (context) =>
      eachStatement(context, (statement) => {
        const { node } = statement;
        const isNew =
          changedObjects(node).length > 0 && existingTargets(context, statement).length === 0;
        return isNew ? undefined : rewriteProblem(node);
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

/** The specific statement that a general one, such as `RenameStmt`, stands for, by object type. */
const SPECIFIC_STATEMENTS: Readonly<Record<string, string>> = {
  OBJECT_ROLE: "AlterRoleStmt",
  OBJECT_DATABASE: "AlterDatabaseStmt",
  OBJECT_TABLESPACE: "AlterTableSpaceOptionsStmt",
  OBJECT_EXTENSION: "CreateExtensionStmt",
};

function kindOf(node: Node): string {
  // The owner of a table or view is changed by an `alter table` command.
  if (commandsOf(node).some(({ subtype }) => subtype === "AT_ChangeOwner")) return "AlterOwnerStmt";
  const object =
    "RenameStmt" in node
      ? node.RenameStmt.renameType
      : "DropStmt" in node
        ? node.DropStmt.removeType
        : undefined;
  return SPECIFIC_STATEMENTS[object ?? ""] ?? Object.keys(node)[0] ?? "";
}

function rewriteProblem(node: Node): string | undefined {
  if (rewrites(node)) {
    return "This rewrites the table and blocks reads: create a new table and fill it in batches.";
  }
  return definedColumns(commandsOf(node)).some(isSerial)
    ? "A new serial column rewrites the table and blocks reads: add a bigint column, set its default afterwards, and fill " +
        "it in batches."
    : undefined;
}

function rewrites(node: Node): boolean {
  if ("ClusterStmt" in node) return true;
  if ("VacuumStmt" in node) {
    return hasOption(node.VacuumStmt.options, "full");
  }
  return commandsOf(node).some(({ subtype = "" }) => REWRITING.includes(subtype));
}
