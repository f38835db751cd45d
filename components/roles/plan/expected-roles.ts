/** How a server's roles should be: the role plan, and what the home has besides. Pure. */
import type { RolePlan } from "./role-plan";
import { PUBLIC } from "./role-plan";
import {
  EVERYBODY,
  type DatabasePrivilege,
  type DefaultPrivilege,
  type Membership,
  type RoleAttributes,
  type RoleSetting,
} from "./roles-found";
import { ADMIN_ONLY, type HomeRoles, PLAIN_LOGIN } from "./home-roles";

export interface ExpectedRole {
  readonly name: string;
  readonly attributes: Partial<RoleAttributes>;
  /** Whether it has to exist. */
  readonly required: boolean;
  /** Whether its memberships are known, so that another one is drift. */
  readonly membershipsKnown: boolean;
}

export interface ExpectedRoles {
  readonly database: string;
  /** Login of the database's administrator. */
  readonly admin: string;
  readonly roles: readonly ExpectedRole[];
  /** Other roles that begin so are the home's. */
  readonly prefix?: string;
  /** Whether a role that is not listed is drift. */
  readonly whole: boolean;
  readonly memberships: readonly (Membership & {
    /** Whether it may be missing. */
    readonly optional: boolean;
  })[];
  readonly settings: readonly RoleSetting[];
  /** Of the database; undefined for anybody. */
  readonly owner: string | undefined;
  readonly privileges: readonly DatabasePrivilege[];
  readonly defaults: readonly DefaultPrivilege[];
  /** Databases that are closed to PUBLIC where this role owns them. */
  readonly closed?: { readonly databases: readonly string[]; readonly owner: string };
  /** What a member of a group can do, to follow "it can". */
  readonly powers: Readonly<Record<string, string>>;
}

/** PostgreSQL's own memberships. */
const PREDEFINED = ["pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"].map(
  (role) => ({ member: "pg_monitor", role, admin: false, inherit: true, set: true }),
);

/**
 * @param at what the home has besides
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
    whole: at.whole,
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
      // From 16 on PostgreSQL makes whoever creates a role its administrator; the others it gives nothing.
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
      grantee: role === PUBLIC ? EVERYBODY : role,
      privilege,
      grantable: false,
    })),
    defaults: defaultsOf(plan, admin),
    ...(at.closed ? { closed: at.closed } : {}),
    powers: powersOf(plan, admin),
  };
}

/** The plan's, for its owner; PUBLIC keeps EXECUTE on what other roles create. */
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
      ...{ grantee: EVERYBODY, privilege: "EXECUTE" },
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
