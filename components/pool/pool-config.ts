import * as pulumi from "@pulumi/pulumi";
import type { DatabaseLayer } from "../database-layer/database-layer";
import { AUTH_QUERY } from "./plan/auth-query-plan";
import type { DatabaseEntry, PgBouncerSettings } from "./plan/pgbouncer-ini";
import type { PoolEntryPlan } from "./plan/pool-plan";
import type { Settings } from "../settings/plan/settings-stack";

/** Configuration of PgBouncer that all homes share; listen addresses and TLS are set by each home. */

/** Login with access only to the statistics console. */
export const STATS_USER = "pool_stats";

/** An entry of PgBouncer, with the folder of its server's Unix socket, if any. */
type PoolEntry = DatabaseEntry & { readonly socket?: string };

/** Entries of all databases, by the name that clients connect to. */
export function poolDatabases(
  databases: readonly DatabaseLayer[],
): Readonly<Record<string, pulumi.Output<PoolEntry>>> {
  return Object.fromEntries(
    databases.flatMap((database) =>
      database.server.plan.entries.map((entry) => [entry.name, poolEntry(database, entry)]),
    ),
  );
}

function poolEntry(
  { server, logins }: DatabaseLayer,
  entry: PoolEntryPlan,
): pulumi.Output<PoolEntry> {
  const { host, service, port, socket } = (entry.replica ? server.replica : undefined) ?? server;
  // The pool of a server on Kubernetes runs in the server's namespace.
  return pulumi.output({ host: service ?? host, port }).apply((address) => ({
    ...address,
    ...(socket === undefined ? {} : { socket }),
    dbname: server.database,
    auth_user: logins.pgbouncer.user,
    pool_mode: entry.mode,
    ...(entry.poolSize === undefined ? {} : { pool_size: entry.poolSize }),
    ...(entry.reservePoolSize === undefined ? {} : { reserve_pool_size: entry.reservePoolSize }),
    max_db_connections: entry.maxDbConnections,
    ...(server.maxConnections === 1 ? SINGLE_SESSION : {}),
  }));
}

/** One server connection, passed from login to login; a reserve would wait for it for ever. */
const SINGLE_SESSION: DatabaseEntry = { pool_size: 1, reserve_pool_size: 0, max_db_connections: 1 };

/** Settings of the `[pgbouncer]` section that are derived from the stack's settings and databases. */
export function poolSettings(
  settings: Settings["pool"],
  databases: readonly DatabaseLayer[],
): PgBouncerSettings {
  const single = databases.some(({ server }) => server.maxConnections === 1);
  return {
    auth_query: AUTH_QUERY,
    default_pool_size: settings.defaultPoolSize,
    reserve_pool_size: settings.reservePoolSize,
    max_client_conn: settings.maxClientConnections,
    max_db_connections: 0,
    max_user_connections: 0,
    stats_users: STATS_USER,
    // An idle pool must not block migrations on the only session of the embedded TimescaleDB.
    ...(single ? { server_idle_timeout: 2 } : {}),
  };
}
