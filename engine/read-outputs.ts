import { DEFAULT_STACK } from "./names";
import type {
  LoginOutput,
  PoolOutput,
  ServerOutput,
  StackOutputs,
} from "../components/outputs/outputs";
import type { Target } from "../components/route/plan/targets";
import { UserError } from "./engine";
import { hostInUrl } from "../components/text/address";
import { printable, quoted } from "../components/text/printable";

/** The outputs as the program declares them; undefined if the stack has none yet. */
export function readOutputs(
  outputs: Readonly<Record<string, unknown>> | undefined,
): StackOutputs | undefined {
  if (outputs === undefined) return undefined;
  const { servers, pool, prometheus, logins, objectives = {} } = outputs as Partial<StackOutputs>;
  // An `up` that stopped early leaves a stack without its outputs.
  if (servers === undefined || logins === undefined) return undefined;
  return {
    servers,
    pool: pool ?? null,
    ...(prometheus ? { prometheus } : {}),
    logins,
    objectives,
  };
}

/** Finds a login by name. Throws {@link UserError} naming the existing logins. */
export function findLogin({ logins }: StackOutputs, name: string): LoginOutput {
  const login = logins[name];
  if (login !== undefined) return login;
  throw new UserError(
    `There is no login ${quoted(name)}; allowed: ${printable(Object.keys(logins).join(", "))}.`,
  );
}

/** The server's replica. Undefined if the replica was promoted, since it is the server itself then. */
export function replicaOf({ host, port, replica }: ServerOutput): ServerOutput["replica"] {
  return replica?.host === host && replica.port === port ? undefined : replica;
}

/** The address that a login connects to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** As in libpq's `sslmode`; undefined if unknown. */
  readonly sslMode: string | undefined;
  /** Set if host and port are only valid inside a Kubernetes cluster or an AWS network. */
  readonly relay: Target | undefined;
}

/** @throws {UserError} if the pool is requested and does not serve the login's database */
export function endpointOf(outputs: StackOutputs, name: string, throughPool: boolean): Endpoint {
  const login = findLogin(outputs, name);
  const server = Object.values(outputs.servers).find(({ database }) => database === login.database);
  const { host, port } = throughPool ? poolFor(outputs, login) : login;
  // A login without a server is a login of the pool's console.
  const pool = throughPool || server === undefined ? outputs.pool : null;
  const relay = pool ? pool.relay : server?.relay;
  return { host, port, sslMode: pool?.relay ? "verify-full" : server?.sslMode, relay };
}

/** A connection URL that contains the password. */
export function connectionUrl(
  { user, password, database }: LoginOutput,
  { host, port, sslMode }: Endpoint,
): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  // Not with URL, which ignores hosts that it cannot parse: IPv6 zones and sockets.
  const url = `postgresql://${login}@${hostInUrl(host)}:${port}/${encodeURIComponent(database)}`;
  return sslMode === undefined ? url : `${url}?sslmode=${encodeURIComponent(sslMode)}`;
}

function poolFor({ pool }: StackOutputs, { database }: LoginOutput): PoolOutput {
  if (pool === null) throw new UserError("This stack has no pool. Leave out --pool.");
  if (!pool.running) {
    throw new UserError("The pool is not running: PgBouncer is not installed. Leave out --pool.");
  }
  if (database in pool.entries) return pool;
  throw new UserError(
    `The pool does not serve ${database}; it serves ${Object.keys(pool.entries).join(", ")}.`,
  );
}

/** The command line of a command for a stack. */
export function npmCommand(text: string, stack: string, ...flags: readonly string[]): string {
  const all = [...flags, ...(stack === DEFAULT_STACK ? [] : ["--stack", stack])];
  return `npm run ${text}${all.length > 0 ? ` -- ${all.join(" ")}` : ""}`;
}

/** The product that a server runs: `PostgreSQL` or `TimescaleDB`. */
export function productOf({ engine }: ServerOutput): string {
  return engine === "timescaledb" ? "TimescaleDB" : "PostgreSQL";
}
