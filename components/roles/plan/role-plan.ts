/**
 * Who may do what in a database: the roles, memberships, time-outs and privileges that its layer creates, in order.
 * Pure data; `components/roles` turns it into resources. To add a role, add it here and nowhere else.
 *
 * The model is groups that own or hold privileges (NOLOGIN) and logins that are members of a group.
 */
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

/** What a login is for; the key under which the stack's `logins` output lists it. */
export type Purpose = "app" | "readonly" | "migrate" | "maintain" | "monitor" | "pgbouncer";

export interface PlannedRole {
  readonly name: string;
  readonly login: boolean;
  readonly memberOf: readonly string[];
  /** Whether it has what its groups have as it logs in. If not, it has to `set role` to one of them first. */
  readonly inherit: boolean;
  /** Sessions the role may hold; -1 for no limit of its own. */
  readonly connectionLimit: number;
  /** Settings of the role in this database; they survive transaction pooling, unlike start-up options. */
  readonly settings: Readonly<Record<string, string>>;
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
  readonly roles: readonly PlannedRole[];
  readonly grants: readonly PlannedGrant[];
  readonly closedFunctions: readonly ClosedFunctions[];
  /** Who may make temporary tables, while a migration runs. */
  readonly temporary: TemporaryRight;
  readonly extensions: readonly string[];
}

/** Sessions of the jobs of one database, all at once, and a few for somebody who looks after them. */
const MAINTENANCE_SESSIONS = 8;

/** PostgreSQL's name of everybody. */
export const PUBLIC = "public";

/**
 * Time-outs by purpose. 30 s for statements of the application is the guide's figure. A transaction that
 * is idle for a minute holds locks and bloat back, so it ends; a lock is waited for less long than a
 * statement may run, so that a queue behind one slow lock does not use up the pool.
 */
const TIMEOUTS = {
  app: timeouts("30s", "5s", "60s"),
  readonly: timeouts("5min", "5s", "5min"),
  // Each migration file states its own; these hold where somebody uses the login by hand.
  migrate: timeouts("60s", "2s", "60s"),
  // Each job states its own; these hold by hand: a vacuum may take its time, and waits for no lock for long.
  maintain: timeouts("4h", "2s", "60s"),
  monitor: timeouts("10s", "1s", "10s"),
  pgbouncer: timeouts("5s", "1s", "10s"),
} as const;

function timeouts(statement: string, lock: string, idle: string): Readonly<Record<string, string>> {
  return {
    idle_in_transaction_session_timeout: idle,
    lock_timeout: lock,
    statement_timeout: statement,
  };
}

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
  const monitor = `${database}_monitor`;
  const pgbouncer = `${database}_pgbouncer`;
  const temporary = `${database}_temporary`;

  const audit = database === "sark_audit";
  // The witness owns the chain of digests that shows what the owner did to the trail, so neither is a member of the other.
  const migrationRoles = audit ? [owner, witness] : [owner];

  return {
    database,
    owner,
    migrationRoles,
    roles: [
      // TimescaleDB runs jobs as their owner, who must be allowed to log in. Without a password nobody can.
      ...migrationRoles.map((role) => ({ ...group(role), login: audit })),
      ...[writer, reader, temporary].map(group),
      ...pair(database, "app", writer, rotation),
      ...pair(database, "readonly", reader, rotation),
      // What it may do as the owner it does after a deliberate `set role`, and nothing before.
      { ...login(migrate, "migrate", migrationRoles, 5), inherit: false },
      // Before PostgreSQL 17 only an owner may vacuum and reindex; what a failed rebuild leaves, only an owner may drop.
      // In the audit database it does neither, and is no member of the owner, who could rewrite the trail.
      // It ends sessions that hang, and so has to see what they do: `npm run query terminate-idle-connections`.
      login(
        maintain,
        "maintain",
        [...(audit ? [] : [owner]), "pg_monitor", "pg_signal_backend"],
        MAINTENANCE_SESSIONS,
      ),
      login(monitor, "monitor", ["pg_monitor"], 5),
      login(pgbouncer, "pgbouncer", [], -1),
    ],
    grants: [
      { role: PUBLIC, on: "database", privileges: [] },
      { role: owner, on: "database", privileges: ["CONNECT", "CREATE"] },
      ...[writer, reader, migrate, monitor, pgbouncer, ...(audit ? [maintain, witness] : [])].map(
        (role): PlannedGrant => ({ role, on: "database", privileges: ["CONNECT"] }),
      ),
      { role: temporary, on: "database", privileges: ["TEMPORARY"] },
      { role: PUBLIC, on: "schema", privileges: [] },
      ...migrationRoles.map((role): PlannedGrant => ({
        role,
        on: "schema",
        privileges: ["CREATE", "USAGE"],
      })),
      // The monitor reads pg_stat_statements, whose view lies in schema public.
      ...[writer, reader, monitor, ...(audit ? [maintain] : [])].map((role): PlannedGrant => ({
        role,
        on: "schema",
        privileges: ["USAGE"],
      })),
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

function login(
  name: string,
  purpose: Purpose,
  memberOf: readonly string[],
  connectionLimit: number,
): PlannedRole {
  const settings = TIMEOUTS[purpose];
  return {
    name,
    login: true,
    purpose,
    memberOf,
    inherit: true,
    connectionLimit,
    settings,
    generation: 1,
    active: true,
  };
}

function pair(
  database: DatabaseName,
  purpose: Purpose,
  group: string,
  rotation: number,
): readonly PlannedRole[] {
  return (["a", "b"] as const).map((slot) => ({
    ...login(`${database}_${purpose}_${slot}`, purpose, [group], -1),
    generation: slotGeneration(slot, rotation),
    active: slot === activeSlot(rotation),
  }));
}

/** Login of a database's administrator on Kubernetes and on RDS: owns the database, makes its roles, is no superuser. */
export function adminName(database: DatabaseName): string {
  return `${database}_admin`;
}
