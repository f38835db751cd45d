import { Client, type ClientConfig, DatabaseError } from "pg";
import { unproven } from "../route/scram-handshake";
import { GuardedStream } from "./guarded-stream";

/** Milliseconds for a connection with its log-in. */
const PATIENCE = 60_000;

/** An address from which nothing comes. */
class SilentServer extends Error {}

/** A server that takes connections, as the operating system does for a process that is stopped, and answers nothing. */
export class HungServer extends SilentServer {}

/** The share of the time in which this process worked itself, from which on it is not known who was slow. */
const BUSY = 0.5;

/**
 * Opens a connection to a server that proves by SCRAM-SHA-256 that it knows the password. This is the one place that
 * makes a client of the driver, which by itself hands the password to whatever asks for it on a dead server's port.
 * A server that goes away later is told by the statement that fails, and ends no program.
 *
 * @param config the driver's own; TLS is asked for by `ssl` alone, not in a connection string
 * @throws Error naming the address, what was asked for there and what is required; HungServer; DatabaseError for what
 *   the server itself refuses, such as a wrong password. The password is in none.
 */
export async function connectClient(config: ClientConfig): Promise<Client> {
  const before = performance.eventLoopUtilization();
  try {
    return await connectOnce(config);
  } catch (error) {
    const { utilization } = performance.eventLoopUtilization(before);
    if (!(error instanceof SilentServer) || utilization < BUSY) throw error;
    // The server may have answered, and nobody looked: this process was at work, such as on a long migration.
    return connectOnce(config);
  }
}

async function connectOnce({ ssl, ...config }: ClientConfig): Promise<Client> {
  const stream = new GuardedStream(ssl === true ? {} : ssl === false ? undefined : ssl);
  const patience = config.connectionTimeoutMillis ?? PATIENCE;
  const client = new Client({
    connectionTimeoutMillis: patience,
    ...config,
    ssl: false,
    stream: () => stream,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    stream.destroy();
    const server = `${client.host}:${client.port}`;
    if (isDriversError(cause, "timeout expired")) {
      const time = `nothing for ${patience / 1000} s`;
      throw stream.opened
        ? new HungServer(`${server} accepts connections and answered ${time}`, { cause })
        : new SilentServer(`${server} answered ${time}`, { cause });
    }
    throw explained(cause, server);
  }
}

/** Whether an error is the driver's own, which has no codes, and in these words. */
export function isDriversError(error: unknown, message: string): boolean {
  return error instanceof Error && !(error instanceof DatabaseError) && error.message === message;
}

/** The driver checks the server's proof, in words of its own. */
function explained(cause: unknown, server: string): unknown {
  if (!(cause instanceof Error) || cause instanceof DatabaseError) return cause;
  const [, what] = /^SASL: (?:SCRAM-SERVER-\w+-MESSAGE: )?(.+)/.exec(cause.message) ?? [];
  if (what === undefined || what.startsWith("client password")) return cause;
  return new Error(unproven(server, `failed the log-in (${what})`), { cause });
}
