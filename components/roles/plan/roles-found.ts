/** Roles of one server, and their privileges on databases: as the catalog has them. Pure data. */

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
  /** When the password expires; null for never. */
  readonly validUntil: string | null;
}

export interface CatalogRole extends RoleAttributes {
  readonly name: string;
}

/** What a membership allows: to hand it on, to have the group's privileges at once, to become the group by SET ROLE. */
export interface MembershipOptions {
  readonly admin: boolean;
  /** Null before PostgreSQL 16: the member's own attribute decides. */
  readonly inherit: boolean | null;
  /** Null before PostgreSQL 16: every member may. */
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

/** A privilege on what a role will create. */
export interface DefaultPrivilege {
  /** The role that creates it. */
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
  /** One for each pair, whoever granted it. */
  readonly memberships: readonly Membership[];
  readonly settings: readonly RoleSetting[];
  readonly owners: readonly { readonly database: string; readonly owner: string }[];
  /** Parameters of the server that ALTER SYSTEM has set: the stack sets none in that way. */
  readonly altered: readonly { readonly name: string; readonly value: string }[];
  /** Without an owner's own. */
  readonly privileges: readonly DatabasePrivilege[];
  /** Without a creator's own, and with what PostgreSQL gives PUBLIC on functions where nobody took it. */
  readonly defaults: readonly DefaultPrivilege[];
}

/** The catalog's word for everybody. */
export const EVERYBODY = "PUBLIC";

/** PostgreSQL's own roles begin so, and no others may. */
export function isPredefined(role: string): boolean {
  return role.startsWith("pg_");
}
