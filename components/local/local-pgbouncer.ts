import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "../connection-pool";
import type { DatabaseLayer } from "../database/database-layer";
import type { Login } from "../database/roles";
import { DynamicResource } from "../dynamic-resource";
import { AUTH_QUERY } from "../lib/auth-query";
import type { DatabaseEntry, PgBouncerSettings } from "../lib/pgbouncer-ini";
import type { PoolEntryPlan } from "../lib/pool-plan";
import type { Settings } from "../lib/settings-schema";
import { randomPassword } from "../random-password";
import { HOST } from "./processes/ports";

/** Arguments of {@link LocalPgBouncer}. */
export interface LocalPgBouncerArgs {
  readonly databases: readonly DatabaseLayer[];
  readonly settings: Settings["pool"];
  /** Loopback port. A change restarts the pool. */
  readonly port: number;
}

const STATS_USER = "pool_stats";

/** PgBouncer as a process of this machine, where the program is installed; without it the stack has no pool. */
export class LocalPgBouncer extends pulumi.ComponentResource implements ConnectionPool {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly running: pulumi.Output<boolean>;
  readonly statsLogin: Login;
  readonly entries: readonly PoolEntryPlan[];

  constructor(name: string, args: LocalPgBouncerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:local:LocalPgBouncer", name, {}, opts);
    const { databases, settings, port } = args;
    const statsPassword = randomPassword(`${name}-stats-password`, { parent: this });
    this.statsLogin = { user: STATS_USER, password: statsPassword };
    this.entries = databases.flatMap(({ server }) => server.plan.entries);

    const process = new Process(
      `${name}-process`,
      {
        directory: "pool",
        port,
        openFiles: settings.openFiles,
        databases: Object.fromEntries(
          databases.flatMap((database) =>
            database.server.plan.entries.map((entry) => [entry.name, poolEntry(database, entry)]),
          ),
        ),
        pgbouncer: globalSettings(settings, databases),
        userlist: [...databases.map(({ logins }) => logins.pgbouncer), this.statsLogin].map(
          (login) => ({
            name: login.user,
            secret: login.password,
          }),
        ),
      },
      // Clients are let in once there is something to log in to.
      { parent: this, dependsOn: [...databases] },
    );
    this.host = pulumi.output(HOST);
    this.port = pulumi.output(port);
    this.running = process.running;
    this.registerOutputs({ host: this.host, port: this.port, running: this.running });
  }
}

function poolEntry(
  { server, logins }: DatabaseLayer,
  entry: PoolEntryPlan,
): pulumi.Output<DatabaseEntry> {
  const { host, port } = (entry.replica ? server.replica : undefined) ?? server;
  return pulumi.output({ host, port }).apply((address) => ({
    ...address,
    dbname: server.database,
    auth_user: logins.pgbouncer.user,
    pool_mode: entry.mode,
    ...(entry.poolSize === undefined ? {} : { pool_size: entry.poolSize }),
    ...(entry.reservePoolSize === undefined ? {} : { reserve_pool_size: entry.reservePoolSize }),
    max_db_connections: entry.maxDbConnections,
    ...(server.maxConnections === 1 ? SINGLE_SESSION : {}),
  }));
}

/** One server connection, which PgBouncer hands from login to login; a reserve would wait for it for ever. */
const SINGLE_SESSION: DatabaseEntry = { pool_size: 1, reserve_pool_size: 0, max_db_connections: 1 };

function globalSettings(
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
    // The embedded TimescaleDB's only session must not be kept from migrations by an idle pool.
    ...(single ? { server_idle_timeout: 2 } : {}),
  };
}

class Process extends DynamicResource {
  declare readonly running: pulumi.Output<boolean>;

  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    const outputs = { running: undefined, version: undefined };
    super("local:PgBouncer", name, { ...inputs, ...outputs }, opts);
  }
}
