/**
 * Who may do what in a database: the roles, memberships, time-outs and privileges that its layer creates, in order.
 * Pure data; `components/roles` turns it into resources. To add a group, add it here; to add a login, in `logins.ts`.
 *
 * The model is groups that own or hold privileges (NOLOGIN) and logins that are members of a group.
 */
import { LOGINS, PURPOSES, type LoginEntry, type LoginPrivilege, type Purpose } from "./logins";
import {
  addJob,
  advisoryLocks,
  type ClosedFunctions,
  WRITING_FUNCTIONS,
} from "./public-rights-plan";
import type { TemporaryRight } from "./temporary-right";

export const DATABASES = ["sark", "sark_audit"] as const;

export type DatabaseName = (typeof DATABASES)[number];

/** Two logins that take turns, so that a password changes without a failed connection. */
export type Slot = "a" | "b";

export interface PlannedRole extends Omit<LoginEntry, "memberOf" | "memberOfInAudit"> {
  readonly name: string;
  readonly login: boolean;
  readonly memberOf: readonly string[];
  readonly inherit: boolean;
  readonly connectionLimit: number;
  /** Set for a login that somebody uses; it alone has a password. */
  readonly purpose?: Purpose;
  /** How many passwords the login has had; a new number makes a new password. */
  readonly generation?: number;
  /** False for the login of a pair whose turn it is not. */
  readonly active?: boolean;
}

/** A privilege on the database, on a schema, or by default on what the owner creates in schema public. */
export interface PlannedGrant {
  readonly role: string;
  readonly on: "database" | "schema" | "future table" | "future sequence" | "future function";
  /** Empty: all are revoked. */
  readonly privileges: readonly string[];
}

export interface RolePlan {
  readonly database: DatabaseName;
  readonly owner: string;
  /** Roles that a migration may run as: the owner, and those that a file's `--! role` may name. */
  readonly migrationRoles: readonly string[];
  /** Who may read which files were applied. */
  readonly ledgerReaders: readonly string[];
  readonly roles: readonly PlannedRole[];
  readonly grants: readonly PlannedGrant[];
  readonly closedFunctions: readonly ClosedFunctions[];
  /** Who may make temporary tables, while a migration runs. */
  readonly temporary: TemporaryRight;
  readonly extensions: readonly string[];
}

/** PostgreSQL's name of everybody. */
export const PUBLIC = "public";

/** The slot whose turn it is: rotation 1 is a, 2 is b, 3 is a again. */
export function activeSlot(rotation: number): Slot {
  return rotation % 2 === 1 ? "a" : "b";
}

/** Passwords that a slot has had after so many rotations; a step gives a new one to the slot whose turn comes, only. */
export function slotGeneration(slot: Slot, rotation: number): number {
  return slot === "a" ? Math.ceil(rotation / 2) : Math.floor(rotation / 2);
}

const EXTENSIONS: Readonly<Record<DatabaseName, readonly string[]>> = {
  sark: ["pg_stat_statements", "pg_trgm", "pgcrypto", "uuid-ossp"],
  sark_audit: ["pg_stat_statements", "timescaledb"],
};

/**
 * Plans one database.
 * @param rotation how often the passwords of the application's logins were changed, from 1
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
  // The witness owns the chain of digests that shows what the owner did to the trail, so neither is a member of the other.
  const migrationRoles = audit ? [owner, witness] : [owner];

  const logins = PURPOSES.flatMap((purpose) => plannedLogins(database, purpose, rotation));
  const having = (privilege: LoginPrivilege) =>
    logins.filter(({ privileges }) => privileges?.includes(privilege)).map(({ name }) => name);

  return {
    database,
    owner,
    migrationRoles,
    ledgerReaders: [`${database}_monitor`],
    roles: [
      // TimescaleDB runs jobs as their owner, who must be allowed to log in. Without a password nobody can.
      ...migrationRoles.map((role) => ({ ...group(role), login: audit })),
      ...[writer, reader, temporary].map(group),
      ...logins,
    ],
    grants: [
      { role: PUBLIC, on: "database", privileges: [] },
      { role: owner, on: "database", privileges: ["CONNECT", "CREATE"] },
      ...[writer, reader, ...having("CONNECT"), ...(audit ? [maintain, witness] : [])].map(
        (role): PlannedGrant => ({ role, on: "database", privileges: ["CONNECT"] }),
      ),
      { role: temporary, on: "database", privileges: ["TEMPORARY"] },
      { role: PUBLIC, on: "schema", privileges: [] },
      ...migrationRoles.map((role): PlannedGrant => ({
        role,
        on: "schema",
        privileges: ["CREATE", "USAGE"],
      })),
      ...[writer, reader, ...having("USAGE"), ...(audit ? [maintain] : [])].map(
        (role): PlannedGrant => ({ role, on: "schema", privileges: ["USAGE"] }),
      ),
      { role: PUBLIC, on: "future function", privileges: [] },
      { role: reader, on: "future table", privileges: ["SELECT"] },
      ...(database === "sark" ? applicationGrants(writer) : []),
    ],
    closedFunctions: [
      WRITING_FUNCTIONS,
      advisoryLocks([...migrationRoles, migrate, writer]),
      ...(audit ? [addJob(migrationRoles)] : []),
    ],
    temporary: { role: temporary, login: migrate, members: migrationRoles },
    extensions: EXTENSIONS[database],
  };
}

/** In `sark_audit` the writer has nothing by default: its columns are granted by the migrations, `time` excepted. */
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

/** A pair, or the one login, of this purpose. */
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

/** Login of a database's administrator on Kubernetes and on RDS: owns the database, makes its roles, is no superuser. */
export function adminName(database: DatabaseName): string {
  return `${database}_admin`;
}
