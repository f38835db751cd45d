/**
 * Role plan of a database: the roles, memberships, timeouts and privileges that its layer creates, in order. Pure data;
 * `components/roles` turns it into resources. Add a group here, and a login in `logins.ts`.
 *
 * Groups (NOLOGIN) own objects or hold privileges; logins are members of groups.
 */
import { LOGINS, PURPOSES, type LoginEntry, type Purpose } from "./logins";
import {
  addJobFunction,
  advisoryLockFunctions,
  type RevokedFunctions,
  DISK_FILLING_FUNCTIONS,
} from "./public-rights-plan";
import type { TemporaryPrivilege } from "./temporary-privilege";

export const DATABASES = ["sark", "sark_audit"] as const;

export type DatabaseName = (typeof DATABASES)[number];

/** Slot of a pair of logins. They alternate, so that a password changes without a failed connection. */
export type Slot = "a" | "b";

export interface PlannedRole extends Omit<LoginEntry, "memberOf" | "memberOfInAudit"> {
  readonly name: string;
  readonly login: boolean;
  readonly memberOf: readonly string[];
  readonly inherit: boolean;
  readonly connectionLimit: number;
  /** Set for a login that is used; only these have a password. */
  readonly purpose?: Purpose;
  /** Number of passwords so far; a new number creates a new password. */
  readonly generation?: number;
  /** False for the idle login of a pair. */
  readonly active?: boolean;
}

/** A privilege on the database, on a schema, or by default on future objects of the owner in schema public. */
export interface PlannedGrant {
  readonly role: string;
  readonly on: "database" | "schema" | "future table" | "future sequence" | "future function";
  /** Empty: all privileges are revoked. */
  readonly privileges: readonly string[];
}

export interface RolePlan {
  readonly database: DatabaseName;
  readonly owner: string;
  /** Roles that run migrations: the owner, and those that a file's `--! role` may name. */
  readonly migrationRoles: readonly string[];
  /** Roles that may read the migration ledger. */
  readonly ledgerReaders: readonly string[];
  readonly roles: readonly PlannedRole[];
  readonly grants: readonly PlannedGrant[];
  readonly closedFunctions: readonly RevokedFunctions[];
  /** TEMPORARY privilege for running migrations. */
  readonly temporary: TemporaryPrivilege;
  readonly extensions: readonly string[];
}

/** Name of PUBLIC in grants. */
export const PUBLIC = "public";

/**
 * PostgreSQL's group for monitoring. It reads the ledger, pg_stat_statements and the functions that migrations grant to
 * it: so can the monitoring login of every home, and the exporters that a home brings, such as CloudNativePG's.
 */
const MONITORS = "pg_monitor";

/** Active slot of a rotation: 1 is a, 2 is b, 3 is a again. */
export function activeSlot(rotation: number): Slot {
  return rotation % 2 === 1 ? "a" : "b";
}

/** Number of passwords of a slot after a rotation; each step renews only the slot that becomes active. */
export function slotGeneration(slot: Slot, rotation: number): number {
  return slot === "a" ? Math.ceil(rotation / 2) : Math.floor(rotation / 2);
}

const EXTENSIONS: Readonly<Record<DatabaseName, readonly string[]>> = {
  sark: ["pg_stat_statements", "pg_trgm", "pgcrypto", "uuid-ossp"],
  sark_audit: ["pg_stat_statements", "timescaledb"],
};

/**
 * Role plan of one database.
 * @param rotation number of password rotations, from 1
 */
export function rolePlan(database: DatabaseName, rotation: number): RolePlan {
  const owner = `${database}_owner`;
  const writer = `${database}_writer`;
  const reader = `${database}_reader`;
  const witness = `${database}_witness`;
  const migrate = `${database}_migrate`;
  const maintain = `${database}_maintain`;
  const temporary = `${database}_temporary`;

  const audit = database === "sark_audit";
  // The witness owns the digest chain that reveals changes by the owner, so neither is a member of the other.
  const migrationRoles = audit ? [owner, witness] : [owner];

  const logins = PURPOSES.flatMap((purpose) => plannedLogins(database, purpose, rotation));
  const connecting = logins.filter(({ connects }) => connects).map(({ name }) => name);

  return {
    database,
    owner,
    migrationRoles,
    ledgerReaders: [MONITORS],
    roles: [
      // TimescaleDB runs jobs as their owner, who needs LOGIN. Without a password nobody can log in with it.
      ...migrationRoles.map((role) => ({ ...group(role), login: audit })),
      ...[writer, reader, temporary].map(group),
      ...logins,
    ],
    grants: [
      { role: PUBLIC, on: "database", privileges: [] },
      { role: owner, on: "database", privileges: ["CONNECT", "CREATE"] },
      ...[writer, reader, ...connecting, ...(audit ? [maintain, witness] : [])].map(
        (role): PlannedGrant => ({ role, on: "database", privileges: ["CONNECT"] }),
      ),
      { role: temporary, on: "database", privileges: ["TEMPORARY"] },
      { role: PUBLIC, on: "schema", privileges: [] },
      ...migrationRoles.map((role): PlannedGrant => ({
        role,
        on: "schema",
        privileges: ["CREATE", "USAGE"],
      })),
      ...[writer, reader, MONITORS, ...(audit ? [maintain] : [])].map((role): PlannedGrant => ({
        role,
        on: "schema",
        privileges: ["USAGE"],
      })),
      { role: PUBLIC, on: "future function", privileges: [] },
      { role: reader, on: "future table", privileges: ["SELECT"] },
      ...(database === "sark" ? applicationGrants(writer) : []),
    ],
    closedFunctions: [
      DISK_FILLING_FUNCTIONS,
      advisoryLockFunctions([...migrationRoles, migrate, writer]),
      ...(audit ? [addJobFunction(migrationRoles)] : []),
    ],
    temporary: { role: temporary, login: migrate, members: migrationRoles },
    extensions: EXTENSIONS[database],
  };
}

/** Default privileges of the writer. In `sark_audit` it has none: migrations grant its columns, except `time`. */
function applicationGrants(writer: string): readonly PlannedGrant[] {
  return [
    {
      role: writer,
      on: "future table",
      privileges: ["DELETE", "INSERT", "SELECT", "UPDATE"],
    },
    { role: writer, on: "future sequence", privileges: ["SELECT", "USAGE"] },
    { role: writer, on: "future function", privileges: ["EXECUTE"] },
  ];
}

function group(name: string): PlannedRole {
  return { name, login: false, memberOf: [], inherit: true, connectionLimit: -1, settings: {} };
}

/** Pair of logins, or single login, of a purpose. */
function plannedLogins(
  database: DatabaseName,
  purpose: Purpose,
  rotation: number,
): readonly PlannedRole[] {
  const { memberOf, memberOfInAudit = memberOf, ...entry } = LOGINS[purpose];
  const groups = database === "sark_audit" ? memberOfInAudit : memberOf;
  const login = {
    ...group(`${database}_${purpose}`),
    ...entry,
    login: true,
    purpose,
    memberOf: groups.map((each) => (each.startsWith("pg_") ? each : `${database}_${each}`)),
    generation: 1,
    active: true,
  };
  if (!entry.pair) return [login];
  return (["a", "b"] as const).map((slot) => ({
    ...login,
    name: `${login.name}_${slot}`,
    generation: slotGeneration(slot, rotation),
    active: slot === activeSlot(rotation),
  }));
}

/** Login of the administrator on Kubernetes and RDS: it owns the database and creates its roles, without SUPERUSER. */
export function adminName(database: DatabaseName): string {
  return `${database}_admin`;
}
