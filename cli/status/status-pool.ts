import type { Client } from "pg";
import { numberIn, poolSamples, textIn } from "../../components/objectives/plan/pool-samples";
import type { Samples } from "../../components/objectives/plan/samples";
import type { LoginOutput, PoolOutput } from "../../components/outputs/outputs";
import { type RoutedAddress, withRoute } from "./routes";
import { probe, type Probe } from "./status-probe";

/** One database entry that clients connect to. */
interface PoolEntryFacts {
  readonly mode: string;
  readonly clientsActive: number;
  readonly clientsWaiting: number;
  /** Longest current wait of a client, in seconds. */
  readonly longestWait: number;
  readonly serversActive: number;
  readonly serversIdle: number;
  /** Maximum server connections for one login, and in all (0: no limit of its own). */
  readonly poolSize: number;
  readonly maxServers: number;
}

export interface PoolFacts {
  /** The scope of the numbers: on Kubernetes one of several instances answers. */
  readonly scope: "pool" | "instance";
  readonly version: string;
  readonly maxClients: number;
  readonly clients: number;
  readonly entries: Readonly<Record<string, PoolEntryFacts>>;
  readonly metrics: Samples;
}

/** Queries PgBouncer's console, using only columns that all its versions have. */
export function probePool(
  pool: PoolOutput,
  place: RoutedAddress,
  login: LoginOutput,
): Promise<Probe<PoolFacts>> {
  return withRoute(place, "disable", ({ host, port, timeoutMs }) => {
    const config = {
      host,
      port,
      user: login.user,
      password: login.password,
      database: "pgbouncer",
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    };
    return probe(config, (console) => askPool(console, pool));
  });
}

async function askPool(console: Client, { entries, relay }: PoolOutput): Promise<PoolFacts> {
  // The console has no prepared statements; queries without parameters are sent as plain text.
  const show = async (what: string) =>
    (await console.query<Readonly<Record<string, unknown>>>(`show ${what}`)).rows;
  const answers = {
    pools: await show("pools"),
    databases: await show("databases"),
    lists: await show("lists"),
    config: await show("config"),
    stats: await show("stats"),
  };
  const { pools, databases, config } = answers;
  const [version] = await show("version");
  const maxClients = config.find((row) => row["key"] === "max_client_conn")?.["value"];
  const facts = Object.entries(entries).map(([name, mode]): [string, PoolEntryFacts] => {
    const own = pools.filter((row) => row["database"] === name);
    const database = databases.find((row) => row["name"] === name) ?? {};
    const sum = (column: string) => own.reduce((total, row) => total + numberIn(row, column), 0);
    return [
      name,
      {
        mode,
        clientsActive: sum("cl_active"),
        clientsWaiting: sum("cl_waiting"),
        longestWait: Math.max(0, ...own.map((row) => numberIn(row, "maxwait"))),
        serversActive: sum("sv_active"),
        serversIdle: sum("sv_idle") + sum("sv_used"),
        poolSize: numberIn(database, "pool_size"),
        maxServers: numberIn(database, "max_connections"),
      },
    ];
  });
  return {
    scope: relay ? "instance" : "pool",
    version: textIn(version, "version").replace(/^PgBouncer /, ""),
    maxClients: Number(maxClients ?? 0),
    clients: facts.reduce((sum, [, entry]) => sum + entry.clientsActive + entry.clientsWaiting, 0),
    entries: Object.fromEntries(facts),
    // This session is a client, too.
    metrics: poolSamples(answers, 1, Date.now() / 1000),
  };
}
