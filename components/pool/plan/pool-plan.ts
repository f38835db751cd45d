import type { DescribedServer } from "../../homes/plan/described-server";
import {
  type PoolEntry,
  connectionBudget,
  surgePods,
} from "../../connections/plan/connection-sums";
import type { DatabaseName } from "../../roles/plan/role-plan";

/** A pool entry: a name that clients connect to, with its database and mode. */
export interface PoolEntryPlan extends PoolEntry {
  readonly database: DatabaseName;
  readonly mode: "transaction" | "session";
  /** Whether it connects to the read replica. */
  readonly replica: boolean;
  /** Maximum server connections of all logins together, per instance. */
  readonly maxDbConnections: number;
}

/** The guide's `max_db_connections`; with more sessions, they wait for each other inside the server. */
const MAX_CONNECTIONS = 100;

/**
 * Pool entries of one database: its own name in transaction mode; for `sark` also a session pool, for clients that need
 * a session (LISTEN, advisory locks), and the replica. Empty without a pool.
 */
export function poolEntries(server: DescribedServer): readonly PoolEntryPlan[] {
  const { database, pool } = server;
  if (!pool) return [];
  const session = pool.sessionPoolSize;
  // Sessions that remain for the pool after all others.
  const fixed = connectionBudget({ ...server.sessions, clients: [] });
  const processes = pool.instances + surgePods(pool.instances, pool.maxSurge);
  const share = Math.floor((fixed.limit - fixed.total) / processes) - session;
  const maxDbConnections =
    pool.maxServerConnections ?? Math.min(MAX_CONNECTIONS, Math.max(1, share));

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
