import * as pulumi from "@pulumi/pulumi";
import { backupPromise } from "../homes/plan/backup-promises";
import type { ConnectionPool } from "../pool/connection-pool";
import type { DatabaseServer, Endpoint } from "../homes/database-server";
import type { PrometheusServer } from "../homes/open-home";
import type { DatabaseLayer } from "../database-layer/database-layer";
import type { Login } from "../connections/database-connection";
import type { HypertablePlan } from "../hypertables/plan/hypertable-plan";
import { homeOf, poolSpec } from "../homes/plan/registry";
import type { Overrides } from "../objectives/plan/catalogue";
import type { Settings } from "../settings/plan/settings-stack";
import {
  BACKUPS,
  type LoginOutput,
  PoolOutput,
  PrometheusOutput,
  ServerOutput,
  StackOutputs,
} from "./outputs";

/** Values of which each part is an output of its own, known as soon as possible. */
type Parts<T> = T extends object
  ? { readonly [K in keyof T]: pulumi.Input<T[K]> | Parts<T[K]> }
  : T;

interface Outputs {
  readonly servers: Readonly<Record<string, Parts<ServerOutput>>>;
  readonly pool: Parts<PoolOutput> | null;
  readonly prometheus?: Parts<PrometheusOutput>;
  readonly logins: pulumi.Output<StackOutputs["logins"]>;
  readonly objectives: Overrides;
}

/** Parts of a stack beside its databases. */
interface StackParts {
  readonly pool: ConnectionPool | undefined;
  /** @default - none that the stack runs itself */
  readonly prometheus: PrometheusServer | undefined;
  readonly settings: Settings;
}

/** Collects the stack's outputs; see {@link StackOutputs}. */
export function stackOutputs(
  databases: readonly DatabaseLayer[],
  { pool, prometheus, settings }: StackParts,
): Outputs {
  const named = [
    ...databases.flatMap(databaseLogins),
    ...databases.flatMap(({ server }) => passphraseOutput(server)),
    ...(pool ? [loginOutput("pool_stats", "pgbouncer", pool.statsLogin, pool)] : []),
    ...(prometheus ? [loginOutput("prometheus", "prometheus", prometheus.login, prometheus)] : []),
  ];
  return {
    servers: Object.fromEntries(
      databases.map((database) => [database.server.database, serverOutput(database, settings)]),
    ),
    pool: pool ? poolOutput(pool, settings) : null,
    ...(prometheus ? { prometheus: prometheusOutput(prometheus) } : {}),
    logins: pulumi.secret(pulumi.all(named).apply((logins) => Object.fromEntries(logins))),
    objectives: settings.monitoring.objectives,
  };
}

/**
 * Separate outputs: a single one would be unknown as long as its last part, such as the address of a server that does
 * not exist yet.
 */
function serverOutput(
  { server, migrations, hypertables }: DatabaseLayer,
  settings: Settings,
): Parts<ServerOutput> {
  const { home, engine, database, host, port, maxConnections, limits, plan, relay, replica } =
    server;
  const promise = backupPromise(settings, database, plan);
  return {
    home,
    engine,
    database,
    host,
    port,
    sslMode: server.sslMode ?? server.admin.sslMode,
    maxConnections,
    budget: Math.min(plan.budget.total, maxConnections),
    ...(replica ? { replica: { host: replica.host, port: replica.port } } : {}),
    runs: homeOf(settings, database).serverSpec(settings, database, plan),
    ...(promise === null ? {} : { backups: promise ?? null }),
    ...(relay ? { relay } : {}),
    ...(server.retained ? { retained: true } : {}),
    ...(server.dataResource ? {} : { external: true }),
    ...(server.lacks ? { lacks: server.lacks } : {}),
    ...(hypertables ? { hypertables: figuresOf(hypertables) } : {}),
    limits,
    migrations,
  };
}

function figuresOf({
  chunkInterval,
  dropAfter,
}: HypertablePlan): NonNullable<ServerOutput["hypertables"]> {
  return { chunkInterval, dropAfter };
}

function poolOutput(pool: ConnectionPool, settings: Settings): Parts<PoolOutput> {
  const { host, port, running, relay } = pool;
  return {
    host,
    port,
    running,
    entries: Object.fromEntries(pool.entries.map(({ name, mode }) => [name, mode])),
    runs: poolSpec(settings),
    ...(relay ? { relay } : {}),
  };
}

function prometheusOutput({ host, port, running }: PrometheusServer): Parts<PrometheusOutput> {
  return { host, port, running };
}

function databaseLogins({ server, logins }: DatabaseLayer): NamedLogin[] {
  return Object.entries({ ...logins, admin: server.admin }).map(([purpose, login]) =>
    loginOutput(`${server.database}_${purpose}`, server.database, login, server),
  );
}

/** Not a login, but a secret that whoever restores needs. */
function passphraseOutput(server: DatabaseServer): NamedLogin[] {
  const { backupPassphrase: password } = server;
  return password
    ? [loginOutput(BACKUPS, "backups", { user: "passphrase", password }, server)]
    : [];
}

type NamedLogin = pulumi.Output<[string, LoginOutput]>;

function loginOutput(
  name: string,
  database: string,
  login: Login,
  { host, port }: Pick<Endpoint, "host" | "port">,
): NamedLogin {
  return pulumi
    .output({ host, port, password: login.password })
    .apply((rest): [string, LoginOutput] => [name, { database, user: login.user, ...rest }]);
}
