import type { Client, ClientConfig } from "pg";
import {
  connectWithSettings,
  NO_TIMEOUTS,
  type SessionSettings,
} from "../../components/connections/administrative-connection";
import {
  connectClient,
  HungServerError,
  isDriverError,
} from "../../components/connections/connect";
import type { LoginOutput, ServerOutput } from "../../components/outputs/outputs";
import { type DialTarget, withRoute } from "./routes";

export type Probe<T> =
  | { readonly up: true; readonly facts: T }
  /** `hung`: it accepts connections and does not answer. */
  | { readonly up: false; readonly error: string; readonly hung: boolean };

/** A server or pool that was not probed, since it is known to be unreachable from here. */
interface NotProbed {
  readonly up: null;
  readonly why: string;
}

export type ProbeResult<T> = Probe<T> | NotProbed;

/** Connection options, and the settings of the new session. */
export interface ProbeConfig extends ClientConfig {
  readonly settings?: SessionSettings;
}

/** Milliseconds. A single-session server may serve other clients first. */
const SINGLE_SESSION_TIMEOUT_MS = 15_000;

/** Size of the server's database in bytes. */
export function probeSize(server: ServerOutput, login: LoginOutput): Promise<Probe<number>> {
  return withRoute(server, server.sslMode, (way) =>
    probe(probeConfig(server, way, login), async (session) => {
      const { rows } = await session.query<{ size: string }>(
        "select pg_catalog.pg_database_size(pg_catalog.current_database()) as size",
      );
      return Number(rows[0]?.size);
    }),
  );
}

/**
 * Configures a connection to a server.
 * @param work the name for application_name, and the extra time for a statement, in milliseconds
 */
export function probeConfig(
  server: ServerOutput,
  way: DialTarget,
  login: LoginOutput,
  work: { readonly name: string; readonly takes: number } = { name: "status", takes: 0 },
): ProbeConfig {
  const least = server.maxConnections === 1 ? SINGLE_SESSION_TIMEOUT_MS : 0;
  const patience = Math.max(way.timeoutMs, least);
  return {
    host: way.host,
    port: way.port,
    user: login.user,
    password: login.password,
    database: server.database,
    ssl: sslOf(way.sslMode),
    application_name: `sark ${work.name}`,
    connectionTimeoutMillis: patience,
    query_timeout: patience + work.takes,
    settings: NO_TIMEOUTS,
  };
}

/** Connects, runs `ask` and closes the connection. Returns a failure as its message. */
export async function probe<T>(
  { settings, ...config }: ProbeConfig,
  ask: (client: Client) => Promise<T>,
): Promise<Probe<T>> {
  let client: Client | undefined;
  try {
    client = settings ? await connectWithSettings(config, settings) : await connectClient(config);
    return { up: true, facts: await ask(client) };
  } catch (error) {
    if (isDriverError(error, "Query read timeout")) {
      const time = `${Number(config.query_timeout) / 1000} s`;
      return { up: false, error: `a query timed out after ${time}`, hung: true };
    }
    return { up: false, error: messageOf(error), hung: error instanceof HungServerError };
  } finally {
    await client?.end().catch(() => undefined);
  }
}

/** Translates libpq's `sslmode` for node-postgres. */
function sslOf(mode: string): false | { readonly rejectUnauthorized: boolean } {
  if (mode === "disable") return false;
  return { rejectUnauthorized: mode.startsWith("verify-") };
}

export function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  // Node reports a refused connection to a name with two addresses as one error without a message.
  if ("errors" in error && Array.isArray(error.errors))
    return error.errors.map(messageOf).join("; ");
  return "message" in error ? String(error.message) : "failed without a message";
}
