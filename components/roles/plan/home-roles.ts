/** Roles and privileges that a home has besides those of the role plan. */
import type { MembershipOptions, RoleAttributes } from "./roles-found";

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

export const SUPERUSER: RoleAttributes = {
  ...PLAIN_LOGIN,
  superuser: true,
  createRole: true,
  createDatabase: true,
  replication: true,
  bypassRowSecurity: true,
};

export const REPLICATION: RoleAttributes = { ...PLAIN_LOGIN, replication: true };

/** To hand on a group, without its privileges. */
export const ADMIN_ONLY: MembershipOptions = { admin: true, inherit: false, set: false };

/** An administrator that is no superuser, as the stack makes it on a managed server. */
export const MANAGED_ADMIN: HomeRole = {
  attributes: { ...PLAIN_LOGIN, createRole: true },
  memberOf: { pg_monitor: ADMIN_ONLY, pg_signal_backend: ADMIN_ONLY },
};
