import type { DescribedServer } from "../../homes/plan/described-server";
import {
  type PoolEntry,
  connectionBudget,
  surgePods,
} from "../../connections/plan/connection-sums";
import type { DatabaseName } from "../../roles/plan/role-plan";

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
 * The pool's entries for one database: its own name in transaction mode; for `sark` also a session pool, for what needs
 * a session (LISTEN, advisory locks), and the replica. None without a pool.
 */
export function poolEntries(server: DescribedServer): readonly PoolEntryPlan[] {
  const { database, pool } = server;
  if (!pool) return [];
  const session = pool.sessionPoolSize;
  // What the server has left when everything but the pool has its sessions.
  const fixed = connectionBudget({ ...server.sessions, clients: [] });
  const processes = pool.instances + surgePods(pool.instances, pool.maxSurge);
  const share = Math.floor((fixed.limit - fixed.total) / processes) - session;
  const maxDbConnections =
    pool.maxServerConnections ?? Math.min(MOST_CONNECTIONS, Math.max(1, share));

  const entry = (name: string, rest: Partial<PoolEntryPlan>): PoolEntryPlan => ({
    name,
    database,
    mode: "transaction",
    replica: false,
    logins: pool.logins,
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
    ...(pool.replica ? [entry(`${database}_replica`, { replica: true })] : []),
  ];
}
