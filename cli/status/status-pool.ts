import type { Client } from "pg";
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

type Row = Readonly<Record<string, unknown>>;

async function askPool(console: Client, { entries, relay }: PoolOutput): Promise<PoolFacts> {
  // The console has no prepared statements; queries without parameters are sent as plain text.
  const pools = (await console.query<Row>("show pools")).rows;
  const databases = (await console.query<Row>("show databases")).rows;
  const settings = (await console.query<Row>("show config")).rows;
  const version = (await console.query<Row>("show version")).rows[0];
  const maxClients = settings.find((row) => row["key"] === "max_client_conn")?.["value"];
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
  };
}

function numberIn(row: Row, column: string): number {
  return Number(row[column] ?? 0);
}

function textIn(row: Row | undefined, column: string): string {
  const value = row?.[column];
  return typeof value === "string" ? value : "";
}
