/** Expected roles of a server: those of the role plan, and those of the home. Pure. */
import type { RolePlan } from "./role-plan";
import { PUBLIC } from "./role-plan";
import {
  CATALOG_PUBLIC,
  type DatabasePrivilege,
  type DefaultPrivilege,
  type Membership,
  type RoleAttributes,
  type RoleSetting,
} from "./role-catalog-types";
import { ADMIN_ONLY, type HomeRoles, PLAIN_LOGIN } from "./home-roles";

export interface ExpectedRole {
  readonly name: string;
  readonly attributes: Partial<RoleAttributes>;
  /** Whether the role must exist. */
  readonly required: boolean;
  /** Whether the complete list of memberships is known, so that any other is drift. */
  readonly membershipsKnown: boolean;
}

export interface ExpectedRoles {
  readonly database: string;
  /** Login of the database's administrator. */
  readonly admin: string;
  readonly roles: readonly ExpectedRole[];
  /** Other roles with this prefix belong to the home. */
  readonly prefix?: string;
  /** Whether a role that is not listed is drift. */
  readonly managesServer: boolean;
  readonly memberships: readonly (Membership & {
    /** Whether the membership may be missing. */
    readonly optional: boolean;
  })[];
  readonly settings: readonly RoleSetting[];
  /** Owner of the database; undefined when any owner is accepted. */
  readonly owner: string | undefined;
  readonly privileges: readonly DatabasePrivilege[];
  readonly defaults: readonly DefaultPrivilege[];
  /** Databases closed to PUBLIC, when this role owns them. */
  readonly closed?: { readonly databases: readonly string[]; readonly owner: string };
  /** Privileges of a group's members in words, to follow "it can". */
  readonly privilegeTexts: Readonly<Record<string, string>>;
}

/** Built-in memberships of PostgreSQL. */
const PREDEFINED = ["pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"].map(
  (role) => ({ member: "pg_monitor", role, admin: false, inherit: true, set: true }),
);

/**
 * Combines the role plan with the roles of the home.
 * @param at roles and privileges of the home
 * @param admin login of the database's administrator
 */
export function expectedRoles(plan: RolePlan, at: HomeRoles, admin: string): ExpectedRoles {
  const { database } = plan;
  const homes = Object.entries(at.roles);
  return {
    database,
    admin,
    roles: [
      ...plan.roles.map(({ name, login, inherit, connectionLimit }) => ({
        name,
        attributes: { ...PLAIN_LOGIN, login, inherit, connectionLimit },
        required: true,
        membershipsKnown: true,
      })),
      ...homes.map(([name, { attributes, memberOf }]) => ({
        ...{ name, attributes, required: false, membershipsKnown: memberOf !== undefined },
      })),
    ],
    ...(at.prefix === undefined ? {} : { prefix: at.prefix }),
    managesServer: at.managesServer,
    memberships: [
      ...plan.roles.flatMap(({ name, memberOf, inherit }) =>
        memberOf.map((role) => ({
          ...{ member: name, role, admin: false, inherit, set: true, optional: false },
        })),
      ),
      ...homes.flatMap(([member, { memberOf = {} }]) =>
        Object.entries(memberOf).map(([role, options]) => ({
          ...{ member, role, ...options, optional: true },
        })),
      ),
      // Since PostgreSQL 16 the creator of a role becomes its administrator; on earlier versions it gets nothing.
      ...plan.roles.map(({ name }) => ({
        ...{ member: admin, role: name, ...ADMIN_ONLY, optional: true },
      })),
      ...homes.map(([member]) => ({ member, role: admin, ...ADMIN_ONLY, optional: true })),
      ...PREDEFINED.map((membership) => ({ ...membership, optional: true })),
    ],
    settings: plan.roles.flatMap(({ name: role, settings }) =>
      Object.entries(settings).map(([name, value]) => ({ role, database, name, value })),
    ),
    owner: at.ownsDatabase ? admin : undefined,
    privileges: [
      ...plan.grants.flatMap(({ role, on, privileges }) =>
        on === "database" ? privileges.map((privilege) => ({ role, privilege })) : [],
      ),
      ...at.connect.map((role) => ({ role, privilege: "CONNECT" })),
    ].map(({ role, privilege }) => ({
      database,
      grantee: role === PUBLIC ? CATALOG_PUBLIC : role,
      privilege,
      grantable: false,
    })),
    defaults: defaultsOf(plan, admin),
    ...(at.closed ? { closed: at.closed } : {}),
    privilegeTexts: powersOf(plan, admin),
  };
}

/** Default privileges: those of the plan for the owner; PUBLIC keeps EXECUTE on functions of other roles. */
function defaultsOf(
  { owner, roles, grants }: RolePlan,
  admin: string,
): readonly DefaultPrivilege[] {
  const others = [...roles.map(({ name }) => name), admin].filter((name) => name !== owner);
  return [
    ...grants.flatMap(({ role, on, privileges }) =>
      on.startsWith("future ")
        ? privileges.map((privilege) => ({
            ...{ owner, schema: "public", grantee: role, privilege },
            objects: `${on.slice("future ".length).toUpperCase()}S`,
          }))
        : [],
    ),
    ...others.map((name) => ({
      ...{ owner: name, schema: "", objects: "FUNCTIONS" },
      ...{ grantee: CATALOG_PUBLIC, privilege: "EXECUTE" },
    })),
  ];
}

function powersOf({ database, owner, migrationRoles }: RolePlan, admin: string) {
  const audit = database === "sark_audit";
  const witnesses = migrationRoles.filter((role) => role !== owner);
  return {
    [owner]: `read, change and drop every table of ${database}`,
    ...Object.fromEntries(
      witnesses.map((role) => [role, "rewrite the digests of the audit trail"]),
    ),
    [`${database}_writer`]: audit
      ? "add rows to the audit trail"
      : `read and change the rows of ${database}`,
    [`${database}_reader`]: `read the tables of ${database}`,
    [admin]: `do whatever the administrator of ${database} can`,
  };
}
