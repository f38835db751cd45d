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

/** The outputs as the program declares them; undefined when the stack has none yet. */
export function readOutputs(
  outputs: Readonly<Record<string, unknown>> | undefined,
): StackOutputs | undefined {
  if (outputs === undefined) return undefined;
  const { servers, pool, logins } = outputs as Partial<StackOutputs>;
  // An `up` that stopped early leaves a stack without its outputs.
  if (servers === undefined || logins === undefined) return undefined;
  return { servers, pool: pool ?? null, logins };
}

/** The login of a purpose. Throws {@link UserError} naming those that there are. */
export function findLogin({ logins }: StackOutputs, name: string): LoginOutput {
  const login = logins[name];
  if (login !== undefined) return login;
  throw new UserError(
    `There is no login ${quoted(name)}. There are: ${printable(Object.keys(logins).join(", "))}.`,
  );
}

/** What is read from beside the server itself. A replica that was promoted is the server, and is none. */
export function replicaOf({ host, port, replica }: ServerOutput): ServerOutput["replica"] {
  return replica?.host === host && replica.port === port ? undefined : replica;
}

/** Where a login connects to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** In libpq's words; undefined where nothing is known of it. */
  readonly sslMode: string | undefined;
  /** Set where host and port mean something inside of a Kubernetes cluster alone. */
  readonly relay: Target | undefined;
}

/** @throws {UserError} when the pool is asked for and does not serve the login's database */
export function endpointOf(outputs: StackOutputs, name: string, throughPool: boolean): Endpoint {
  const login = findLogin(outputs, name);
  const server = Object.values(outputs.servers).find(({ database }) => database === login.database);
  const { host, port } = throughPool ? poolFor(outputs, login) : login;
  // A login of no server's is one of the pool's console.
  const pool = throughPool || server === undefined ? outputs.pool : null;
  const relay = pool ? pool.relay : server?.relay;
  return { host, port, sslMode: pool?.relay ? "verify-full" : server?.sslMode, relay };
}

/** A connection URL with the password in it. */
export function connectionUrl(
  { user, password, database }: LoginOutput,
  { host, port, sslMode }: Endpoint,
): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  // Not by URL, which ignores a host that it does not know: it has no zones and no sockets.
  const url = `postgresql://${login}@${hostInUrl(host)}:${port}/${encodeURIComponent(database)}`;
  return sslMode === undefined ? url : `${url}?sslmode=${encodeURIComponent(sslMode)}`;
}

function poolFor({ pool }: StackOutputs, { database }: LoginOutput): PoolOutput {
  if (pool === null) throw new UserError("This stack has no pool. Leave out --pool.");
  if (!pool.running) {
    throw new UserError(
      "The pool does not run: PgBouncer is not on this machine. Leave out --pool.",
    );
  }
  if (database in pool.entries) return pool;
  throw new UserError(
    `The pool does not serve ${database}, but ${Object.keys(pool.entries).join(", ")}.`,
  );
}

/** How a command is written for a stack. */
export function command(text: string, stack: string, ...flags: readonly string[]): string {
  const all = [...flags, ...(stack === DEFAULT_STACK ? [] : ["--stack", stack])];
  return `npm run ${text}${all.length > 0 ? ` -- ${all.join(" ")}` : ""}`;
}

/** Names of the servers with what is served, such as `PostgreSQL`. */
export function productOf({ engine }: ServerOutput): string {
  return engine === "timescaledb" ? "TimescaleDB" : "PostgreSQL";
}
