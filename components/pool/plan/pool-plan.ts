import { followerCount, providerSessions } from "../../homes/aws/database/plan/rds-sessions";
import { type PoolEntry, connectionBudget } from "../../connections/plan/connection-sums";
import { clusteredPool } from "../../homes/plan/databases-by-home";
import { maintenanceSessions } from "../../maintenance/plan/maintenance-plan";
import { type DatabaseName, rolePlan } from "../../roles/plan/role-plan";
import { type Settings, replicaCount } from "../../settings/plan/settings-schema";

/** One name that clients connect to, and what stands behind it. */
export interface PoolEntryPlan extends PoolEntry {
  readonly database: DatabaseName;
  readonly mode: "transaction" | "session";
  /** Leads to the read replica. */
  readonly replica: boolean;
  /** Server connections of all logins together, per instance. */
  readonly maxDbConnections: number;
}

/** The guide's `max_db_connections`; more sessions than this wait for each other inside the server. */
const MOST_CONNECTIONS = 100;

/**
 * Instances beyond the settings' number that hold connections during an update. On this machine one is stopped before
 * its successor starts. Kubernetes begins with the successor as soon as it has asked the old one to end, which then
 * still has the transactions that it was given.
 */
export function poolSurge(settings: Settings): number {
  return clusteredPool(settings) ? 1 : 0;
}

/**
 * The pool's entries for one database: its own name in transaction mode; for `sark` also a session pool, for what needs
 * a session (LISTEN, advisory locks), and the replica.
 * @param maxConnections the server's `max_connections`
 */
export function poolEntries(
  settings: Settings,
  database: DatabaseName,
  maxConnections: number,
): readonly PoolEntryPlan[] {
  const { pool } = settings;
  const replicas = replicaCount(settings, database);
  const session = database === "sark" ? pool.sessionPoolSize : 0;
  // What the server has left when everything but the pool has its sessions.
  const extra = maintenanceSessions(settings, database);
  const fixed = connectionBudget({
    server: database,
    maxConnections,
    clients: [],
    replicas: followerCount(settings, database),
    extra,
    ...providerSessions(settings, database),
  });
  const processes = pool.instances + poolSurge(settings);
  const share = Math.floor((fixed.limit - fixed.total) / processes) - session;
  const maxDbConnections =
    pool.maxServerConnections ?? Math.min(MOST_CONNECTIONS, Math.max(1, share));

  // Both logins of a pair hold connections during a rotation, and PgBouncer's own login asks for verifiers.
  const logins = rolePlan(database, settings.rotation).roles.filter(
    ({ pooled, purpose }) => pooled || purpose === "pgbouncer",
  ).length;
  const entry = (name: string, rest: Partial<PoolEntryPlan>): PoolEntryPlan => ({
    name,
    database,
    mode: "transaction",
    replica: false,
    logins,
    maxDbConnections,
    ...rest,
  });
  return [
    entry(database, {}),
    ...(session > 0
      ? [
          entry(`${database}_session`, {
            mode: "session",
            poolSize: session,
            reservePoolSize: 0,
            maxDbConnections: session,
          }),
        ]
      : []),
    ...(replicas > 0 ? [entry(`${database}_replica`, { replica: true })] : []),
  ];
}
