import * as pulumi from "@pulumi/pulumi";
import type { ConnectionPool } from "./connection-pool";
import type { Endpoint } from "./database-server";
import type { DatabaseLayer } from "./database/database-layer";
import type { Login } from "./database/roles";
import type { LoginOutput, PoolOutput, ServerOutput, StackOutputs } from "./outputs";

type Outputs = { readonly [K in keyof StackOutputs]: pulumi.Output<StackOutputs[K]> };

/** Gathers what the stack tells others; see {@link StackOutputs}. */
export function stackOutputs(
  databases: readonly DatabaseLayer[],
  pool: ConnectionPool | undefined,
): Outputs {
  const byName = <T>(value: (database: DatabaseLayer) => T): Record<string, T> =>
    Object.fromEntries(databases.map((database) => [database.server.database, value(database)]));
  return {
    servers: pulumi.output(byName(serverOutput)),
    pool: pool ? poolOutput(pool) : pulumi.output(null),
    logins: pulumi.secret(
      pulumi
        .all(databases.map(databaseLogins))
        .apply((logins) => Object.fromEntries(logins.flatMap((each) => Object.entries(each))))
        .apply((logins) => (pool ? withStats(logins, pool) : pulumi.output(logins))),
    ),
  };
}

function serverOutput({ server, migrations }: DatabaseLayer): pulumi.Output<ServerOutput> {
  const { home, engine, database, host, port, maxConnections, limits, plan, relay } = server;
  const base = pulumi.output({ host, port });
  const replica = server.replica ? pulumi.output(server.replica) : undefined;
  return pulumi.all([base, replica]).apply(([address, replicaAddress]) => ({
    home,
    engine,
    database,
    ...address,
    sslMode: server.sslMode ?? server.admin.sslMode,
    maxConnections,
    budget: Math.min(plan.budget.total, maxConnections),
    ...(replicaAddress ? { replica: replicaAddress } : {}),
    ...(relay ? { relay } : {}),
    ...(server.retained ? { retained: true } : {}),
    limits,
    migrations,
  }));
}

function poolOutput(pool: ConnectionPool): pulumi.Output<PoolOutput> {
  const { host, port, running, relay } = pool;
  const entries = Object.fromEntries(pool.entries.map(({ name, mode }) => [name, mode]));
  return pulumi
    .output({ host, port, running })
    .apply((place) => ({ ...place, entries, ...(relay ? { relay } : {}) }));
}

function databaseLogins({
  server,
  logins,
}: DatabaseLayer): pulumi.Output<Record<string, LoginOutput>> {
  const named = Object.entries({ ...logins, admin: server.admin }).map(([purpose, login]) =>
    loginOutput(`${server.database}_${purpose}`, server.database, login, server),
  );
  return pulumi.all(named).apply((outputs) => Object.fromEntries(outputs));
}

function withStats(
  logins: Record<string, LoginOutput>,
  pool: ConnectionPool,
): pulumi.Output<Record<string, LoginOutput>> {
  return loginOutput("pool_stats", "pgbouncer", pool.statsLogin, pool).apply(([name, login]) => ({
    ...logins,
    [name]: login,
  }));
}

function loginOutput(
  name: string,
  database: string,
  login: Login,
  { host, port }: Endpoint,
): pulumi.Output<[string, LoginOutput]> {
  return pulumi
    .output({ host, port, password: login.password })
    .apply((rest): [string, LoginOutput] => [name, { database, user: login.user, ...rest }]);
}
