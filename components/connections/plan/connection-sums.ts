import { superuserReserved } from "../../parameters/formulas/tuning-problems";

/**
 * Sums of a connection plan: sessions of a database server, clients of PgBouncer, and PgBouncer's open files.
 * `connection-budget.ts` compares them with their limits.
 */

/** Share of `max_connections` that a plan may use, in percent; the rest is for unplanned sessions. */
const USABLE_SHARE_PERCENT = 80;

/** Connections that RDS reserves: `rds.rds_superuser_reserved_connections`, and the sessions of `rdsadmin`. */
export const RDS_SESSIONS = { reserved: 2, providerReserved: 6 } as const;

/**
 * File descriptors of a PgBouncer besides clients and servers. Its own estimate adds 10; listening sockets, logs and
 * polling take about as many; cancel requests come on top.
 */
export const OPEN_FILES_MARGIN = 32;

/** One item of a sum. `formula` shows how `count` is computed. */
interface BudgetItem {
  readonly name: string;
  readonly count: number;
  readonly formula: string;
}

/** A sum and its limit. */
export interface Budget {
  readonly items: readonly BudgetItem[];
  readonly total: number;
  readonly limit: number;
  /** The limit in words, such as `80 % of max_connections 200`. */
  readonly limitFormula: string;
  readonly fits: boolean;
}

/** Sessions of one database server, compared with the usable share of `max_connections`. */
export interface ConnectionBudget extends Budget {
  readonly maxConnections: number;
}

/** Extra pods during a rolling update, as in a Deployment: a count, or a percentage rounded up. */
export type MaxSurge = number | `${number}%`;

/** Connection pool of each pod of an application. */
export interface ClientPool {
  readonly name: string;
  /** Number of pods. */
  readonly pods: number;
  /** Maximum pods of the autoscaler. @default pods */
  readonly autoscalerMaximum?: number;
  /** Kubernetes' default is `25%`; 0 for a process that is stopped before its replacement starts. */
  readonly maxSurge: MaxSurge;
  /** Connections that a pod keeps open, from 1 (0 means "no limit" to SQLAlchemy). */
  readonly poolSize: number;
  /** Extra connections that a pod may open in a burst. */
  readonly maxOverflow: number;
  readonly via: "pgbouncer" | "direct";
}

/** An entry of PgBouncer's `[databases]` for the server. */
export interface PoolEntry {
  readonly name: string;
  /**
   * Logins that use it; each gets its own pool. Count both logins of an alternating pair, because both hold connections
   * during a rotation, and the login of `auth_query`.
   */
  readonly logins: number;
  /** @default - PgBouncer's `default_pool_size` */
  readonly poolSize?: number;
  /** @default - PgBouncer's `reserve_pool_size` */
  readonly reservePoolSize?: number;
  /** 0 also means the default. @default - PgBouncer's `max_db_connections` */
  readonly maxDbConnections?: number;
}

/** PgBouncers in front of one server. Pool sizes are per login and entry, in each process. */
export interface PgBouncerPlan {
  readonly instances: number;
  /** Extra instances during an update of PgBouncer. */
  readonly maxSurge: MaxSurge;
  readonly entries: readonly PoolEntry[];
  readonly defaultPoolSize: number;
  readonly reservePoolSize: number;
  /** Per entry and instance. 0 means no limit. */
  readonly maxDbConnections: number;
  /** Per instance. */
  readonly maxClientConn: number;
  /** Open-file limit of each instance. */
  readonly openFiles: number;
  /** Connections of the same instances to other servers. @default - none */
  readonly elsewhere?: {
    /** Server connections per instance: {@link serverConnectionsPerInstance} of the other plan. */
    readonly serverConnections: number;
    /** Clients of all instances. */
    readonly clients: number;
  };
}

/** Small fixed numbers of sessions. */
export const FIXED_SESSIONS = {
  /** One that migrates, and one that waits for its lock. */
  migrations: 2,
  /** The metrics exporter: one, and one more during its replacement. */
  exporter: 2,
  /** Roles and grants: more than the provider's `maxConnections`. */
  providerLayer: 4,
} as const;

/** Everything that connects to a single database server. */
export interface BudgetInput {
  /** Name of the server in messages. */
  readonly server: string;
  readonly maxConnections: number;
  readonly clients: readonly ClientPool[];
  /** @default - no PgBouncer */
  readonly pgbouncer?: PgBouncerPlan;
  /** Streaming replicas. */
  readonly replicas: number;
  /** Other sessions, such as an operator's. @default - none */
  readonly extra?: readonly BudgetItem[];
  /** `reserved_connections` (PostgreSQL 16 and later). @default 0 */
  readonly reserved?: number;
  /** Sessions reserved by the cloud provider; see {@link RDS_SESSIONS}. @default 0 */
  readonly providerReserved?: number;
}

/** Itemised sessions of one server, at the peak of a rolling update. */
export function connectionBudget(input: BudgetInput): ConnectionBudget {
  const { pgbouncer, replicas } = input;
  const items = [
    ...input.clients.filter((pool) => pool.via === "direct").map(clientItem),
    ...(pgbouncer ? pgbouncer.entries.map((entry) => entryItem(entry, pgbouncer)) : []),
    // Streaming uses max_wal_senders; pg_rewind needs an ordinary session.
    item("replica", replicas, `${replicas} x 1 session to rewind or check`),
    item("migrations", FIXED_SESSIONS.migrations),
    item("exporter", FIXED_SESSIONS.exporter),
    item("provider layer", FIXED_SESSIONS.providerLayer),
    ...(input.extra ?? []),
    item("provider's own", input.providerReserved ?? 0),
    item("reserved_connections", input.reserved ?? 0),
    item("superuser_reserved_connections", superuserReserved),
  ];
  const limit = Math.floor((input.maxConnections * USABLE_SHARE_PERCENT) / 100);
  const limitFormula = `${USABLE_SHARE_PERCENT} % of max_connections ${input.maxConnections}`;
  return { ...sum(items, limit, limitFormula), maxConnections: input.maxConnections };
}

/** Clients of all PgBouncer instances, compared with `max_client_conn`. */
export function clientBudget(plan: PgBouncerPlan, clients: readonly ClientPool[]): Budget {
  const items = [
    ...clients.filter((pool) => pool.via === "pgbouncer").map(clientItem),
    item("clients of other servers", plan.elsewhere?.clients ?? 0),
  ];
  const limitFormula = `max_client_conn ${plan.maxClientConn} x ${plan.instances} instances`;
  return sum(items, plan.maxClientConn * plan.instances, limitFormula);
}

/**
 * File descriptors of one PgBouncer, compared with its open-file limit. Beyond it PgBouncer logs "accept() failed: Too
 * many open files", and new clients hang without an error.
 */
export function openFilesBudget(plan: PgBouncerPlan): Budget {
  const items = [
    item("max_client_conn", plan.maxClientConn),
    item("server connections", serverConnectionsPerInstance(plan)),
    item("server connections elsewhere", plan.elsewhere?.serverConnections ?? 0),
    item("logs, listeners, polling", OPEN_FILES_MARGIN),
  ];
  return sum(items, plan.openFiles, `open-file limit ${plan.openFiles}`);
}

/** Maximum server connections of one PgBouncer for these entries. */
export function serverConnectionsPerInstance(plan: PgBouncerPlan): number {
  return plan.entries.reduce((total, entry) => total + entrySize(entry, plan).count, 0);
}

/** Peak connections of an application: all pods, surge and overflow. */
export function peakClients(pool: ClientPool): number {
  return clientItem(pool).count;
}

/** Extra pods during a rolling update; a percentage is rounded up, as in Kubernetes. */
export function surgePods(pods: number, maxSurge: MaxSurge): number {
  if (typeof maxSurge === "number") return maxSurge;
  return Math.ceil((pods * Number.parseInt(maxSurge, 10)) / 100);
}

function clientItem(pool: ClientPool): BudgetItem {
  const pods = Math.max(pool.pods, pool.autoscalerMaximum ?? 0);
  const surge = surgePods(pods, pool.maxSurge);
  return item(
    pool.name,
    (pods + surge) * (pool.poolSize + pool.maxOverflow),
    `(${pods} pods + ${surge} surge) x (${pool.poolSize} pool + ${pool.maxOverflow} overflow)`,
  );
}

function entrySize(entry: PoolEntry, plan: PgBouncerPlan): { count: number; formula: string } {
  const pool = entry.poolSize ?? plan.defaultPoolSize;
  const reserve = entry.reservePoolSize ?? plan.reservePoolSize;
  const cap = entry.maxDbConnections || plan.maxDbConnections;
  const pools = `${entry.logins} logins x (${pool} pool + ${reserve} reserve)`;
  const count = entry.logins * (pool + reserve);
  if (cap === 0) return { count, formula: pools };
  return { count: Math.min(count, cap), formula: `min(${pools}, ${cap} max_db_connections)` };
}

function entryItem(entry: PoolEntry, plan: PgBouncerPlan): BudgetItem {
  const size = entrySize(entry, plan);
  const surge = surgePods(plan.instances, plan.maxSurge);
  const instances = `(${plan.instances} instances + ${surge} surge)`;
  return item(
    `pgbouncer ${entry.name}`,
    (plan.instances + surge) * size.count,
    `${instances} x ${size.formula}`,
  );
}

function item(name: string, count: number, formula = String(count)): BudgetItem {
  return { name, count, formula };
}

function sum(items: readonly BudgetItem[], limit: number, limitFormula: string): Budget {
  const total = items.reduce((subtotal, { count }) => subtotal + count, 0);
  return { items, total, limit, limitFormula, fits: total <= limit };
}
