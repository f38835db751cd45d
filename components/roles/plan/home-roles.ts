/** Roles and privileges that each home has besides those of the role plan. */
import { UNUSED_DATABASES } from "./public-rights-plan";
import type { MembershipOptions, RoleAttributes } from "./roles-found";

/** Where a database's server is. `external`: a TimescaleDB that somebody else runs. */
export type RoleHome = "local" | "external" | "kubernetes" | "aws";

/** A role that the home makes. It may be missing; an attribute that is left out may be anything. */
interface HomeRole {
  readonly attributes: Partial<RoleAttributes>;
  /** Groups with the options of the membership. Left out: memberships in other groups than the stack's are not compared. */
  readonly memberOf?: Readonly<Record<string, MembershipOptions>>;
}

export interface HomeRoles {
  /** By name. */
  readonly roles: Readonly<Record<string, HomeRole>>;
  /** Other roles whose name begins so are the home's, too. */
  readonly prefix?: string;
  /** Whether the stack made the administrator and whatever else is on the server; if not, others may have roles there. */
  readonly whole: boolean;
  /** Whether the administrator owns the stack's database. Left out: the owner may be anybody. */
  readonly ownsDatabase: boolean;
  /** Roles that may connect to the stack's database besides those of the role plan. */
  readonly connect: readonly string[];
  /** The role that closed its own among these databases to PUBLIC. */
  readonly closed?: { readonly databases: readonly string[]; readonly owner: string };
}

/** Attributes of a login without any power of its own. */
export const PLAIN_LOGIN: RoleAttributes = {
  login: true,
  inherit: true,
  superuser: false,
  createRole: false,
  createDatabase: false,
  replication: false,
  bypassRowSecurity: false,
  connectionLimit: -1,
  validUntil: null,
};

const SUPERUSER: RoleAttributes = {
  ...PLAIN_LOGIN,
  superuser: true,
  createRole: true,
  createDatabase: true,
  replication: true,
  bypassRowSecurity: true,
};

const REPLICATION: RoleAttributes = { ...PLAIN_LOGIN, replication: true };

/** To hand on a group, without its privileges. */
export const ADMIN_ONLY: MembershipOptions = { admin: true, inherit: false, set: false };

const FULL: MembershipOptions = { admin: false, inherit: true, set: true };

/** The administrator that CloudNativePG's bootstrap and the stack on AWS make: no superuser. */
const MANAGED_ADMIN: HomeRole = {
  attributes: { ...PLAIN_LOGIN, createRole: true },
  memberOf: { pg_monitor: ADMIN_ONLY, pg_signal_backend: ADMIN_ONLY },
};

/** RDS makes it with the server: `components/homes/aws/database/master-login.ts`. */
const RDS_MASTER = "sark_master";

/**
 * @param admin login of the database's administrator
 */
export function homeRoles(home: RoleHome, admin: string): HomeRoles {
  switch (home) {
    case "local":
      return {
        roles: {
          [admin]: { attributes: SUPERUSER, memberOf: {} },
          sark_replication: { attributes: REPLICATION, memberOf: {} },
        },
        whole: true,
        ownsDatabase: true,
        connect: [],
        closed: { databases: UNUSED_DATABASES, owner: admin },
      };
    case "external":
      return {
        roles: { [admin]: { attributes: {} } },
        whole: false,
        ownsDatabase: false,
        connect: [],
      };
    case "kubernetes":
      return {
        roles: {
          [admin]: MANAGED_ADMIN,
          postgres: { attributes: SUPERUSER, memberOf: {} },
          streaming_replica: { attributes: REPLICATION, memberOf: {} },
          cnpg_metrics_exporter: { attributes: PLAIN_LOGIN, memberOf: { pg_monitor: FULL } },
        },
        whole: true,
        ownsDatabase: true,
        // The exporter's, by its membership.
        connect: ["pg_monitor"],
      };
    case "aws":
      return {
        roles: {
          [admin]: MANAGED_ADMIN,
          // The one who made the administrator; what else it is, is Amazon's.
          [RDS_MASTER]: { attributes: { superuser: false } },
        },
        prefix: "rds",
        whole: true,
        ownsDatabase: true,
        connect: [],
        closed: { databases: UNUSED_DATABASES, owner: RDS_MASTER },
      };
  }
}
