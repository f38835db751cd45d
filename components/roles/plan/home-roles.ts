/** Roles and privileges that a home has in addition to the role plan. */
import type { MembershipOptions, RoleAttributes } from "./role-catalog-types";

/** A role created by the home. It may be missing, and an unset attribute may have any value. */
interface HomeRole {
  readonly attributes: Partial<RoleAttributes>;
  /** Groups, with membership options. Unset: memberships in groups outside the stack are not compared. */
  readonly memberOf?: Readonly<Record<string, MembershipOptions>>;
}

export interface HomeRoles {
  /** Roles by name. */
  readonly roles: Readonly<Record<string, HomeRole>>;
  /** Other roles with this prefix also belong to the home. */
  readonly prefix?: string;
  /** Whether the stack owns the whole server, including the administrator; otherwise others may have roles there. */
  readonly managesServer: boolean;
  /** Whether the administrator owns the stack's database; otherwise any owner is accepted. */
  readonly ownsDatabase: boolean;
  /** Additional roles that may connect to the stack's database. */
  readonly connect: readonly string[];
  /** Databases that this role closed to PUBLIC, when it owns them. */
  readonly closed?: { readonly databases: readonly string[]; readonly owner: string };
}

/** Attributes of a login without special privileges. */
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

/** Membership that may be granted to others, without the group's privileges. */
export const ADMIN_ONLY: MembershipOptions = { admin: true, inherit: false, set: false };

/** Administrator without SUPERUSER, as the stack creates it on a managed server. */
export const MANAGED_ADMIN: HomeRole = {
  attributes: { ...PLAIN_LOGIN, createRole: true },
  memberOf: { pg_monitor: ADMIN_ONLY, pg_signal_backend: ADMIN_ONLY },
};
