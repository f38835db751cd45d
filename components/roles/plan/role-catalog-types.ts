/** Actual roles of a server, and their privileges on databases, as in the catalog. Pure data. */

export interface RoleAttributes {
  readonly login: boolean;
  readonly inherit: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly replication: boolean;
  readonly bypassRowSecurity: boolean;
  /** -1 for no limit. */
  readonly connectionLimit: number;
  /** Expiry of the password; null for never. */
  readonly validUntil: string | null;
}

export interface CatalogRole extends RoleAttributes {
  readonly name: string;
}

/** Membership options: grant it to others, inherit the group's privileges, become the group by SET ROLE. */
export interface MembershipOptions {
  readonly admin: boolean;
  /** Null before PostgreSQL 16, where the member's own attribute decides. */
  readonly inherit: boolean | null;
  /** Null before PostgreSQL 16, where every member may. */
  readonly set: boolean | null;
}

export interface Membership extends MembershipOptions {
  readonly member: string;
  readonly role: string;
}

export interface RoleSetting {
  /** Empty for every role. */
  readonly role: string;
  /** Empty for every database. */
  readonly database: string;
  readonly name: string;
  readonly value: string;
}

export interface DatabasePrivilege {
  readonly database: string;
  readonly grantee: string;
  /** CONNECT, CREATE or TEMPORARY. */
  readonly privilege: string;
  readonly grantable: boolean;
}

/** A default privilege on future objects of a role. */
export interface DefaultPrivilege {
  /** Role that creates the objects. */
  readonly owner: string;
  /** Empty for every schema. */
  readonly schema: string;
  /** `TABLES`, `FUNCTIONS` and the like. */
  readonly objects: string;
  readonly grantee: string;
  readonly privilege: string;
}

export interface RoleCatalog {
  /** Without PostgreSQL's predefined roles. */
  readonly roles: readonly CatalogRole[];
  /** One entry per member and role, whoever granted it. */
  readonly memberships: readonly Membership[];
  readonly settings: readonly RoleSetting[];
  readonly owners: readonly { readonly database: string; readonly owner: string }[];
  /** Server parameters set by ALTER SYSTEM; the stack sets none this way. */
  readonly altered: readonly { readonly name: string; readonly value: string }[];
  /** Without an owner's own privileges. */
  readonly privileges: readonly DatabasePrivilege[];
  /** Without the creator's own privileges, and with the built-in ones of PUBLIC on functions unless revoked. */
  readonly defaults: readonly DefaultPrivilege[];
}

/** Name of PUBLIC in the catalog. */
export const CATALOG_PUBLIC = "PUBLIC";

/** Whether it is one of PostgreSQL's own roles; their prefix is reserved. */
export function isPredefined(role: string): boolean {
  return role.startsWith("pg_");
}
