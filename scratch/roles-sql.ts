/** The role plan as SQL, to create without Pulumi what the layer creates before migrations run. */
import { revokeFunctionsSql } from "../components/roles/plan/public-rights-plan";
import type {
  DatabaseName,
  PlannedGrant,
  PlannedRole,
  RolePlan,
} from "../components/roles/plan/role-plan";
import { PUBLIC, rolePlan } from "../components/roles/plan/role-plan";

export interface RolesOptions {
  /** Password of every login. @default "unused" */
  readonly password?: string;
  /** @default - those of the plan */
  readonly extensions?: readonly string[];
  /** False leaves out the privileges on the database itself. @default true */
  readonly onDatabase?: boolean;
}

/** SQL for a superuser in the database itself: extensions, roles and privileges, in the plan's order. */
export function rolesSql(database: DatabaseName, options: RolesOptions = {}): string {
  const plan = rolePlan(database, 1);
  return [
    ...(options.extensions ?? plan.extensions).map(
      (name) => `create extension "${name}" schema public`,
    ),
    ...plan.roles.map((role) => roleSql(role, options.password ?? "unused")),
    ...plan.grants
      .filter(({ on }) => on !== "database" || (options.onDatabase ?? true))
      .map((grant) => grantSql(grant, plan)),
    ...plan.closedFunctions.map(revokeFunctionsSql),
  ].join(";\n");
}

function roleSql(role: PlannedRole, password: string): string {
  return [
    `create role ${role.name} ${role.login ? "login" : "nologin"} ${role.inherit ? "inherit" : "noinherit"}`,
    `connection limit ${String(role.connectionLimit)}`,
    ...(role.purpose ? [`password '${password}'`] : []),
    ...(role.memberOf.length > 0 ? [`in role ${role.memberOf.join(", ")}`] : []),
  ].join(" ");
}

function grantSql({ role, on, privileges }: PlannedGrant, { database, owner }: RolePlan): string {
  const words = privileges.length > 0 ? `grant ${privileges.join(", ")}` : "revoke all";
  const direction = privileges.length > 0 ? "to" : "from";
  const grantee = role === PUBLIC ? "public" : role;
  if (on === "database") return `${words} on database ${database} ${direction} ${grantee}`;
  if (on === "schema") return `${words} on schema public ${direction} ${grantee}`;
  const schema = privileges.length > 0 ? " in schema public" : "";
  const kind = `${on.slice("future ".length)}s`;
  return `alter default privileges for role ${owner}${schema} ${words} on ${kind} ${direction} ${grantee}`;
}
