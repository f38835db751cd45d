import { Client, type ClientConfig, DatabaseError } from "pg";
import { unverifiedServerMessage } from "../route/scram-handshake";
import { GuardedStream } from "./guarded-stream";

/** Timeout in milliseconds for connection and log-in. */
const CONNECT_TIMEOUT = 60_000;

/** No answer from the address. */
class SilentServer extends Error {}

/** A server that accepts connections but does not answer, such as a stopped process whose kernel still accepts. */
export class HungServerError extends SilentServer {}

/** Event loop utilisation (0 to 1) from which a timeout may be this process's own fault. */
const BUSY_UTILIZATION = 0.5;

/**
 * Opens a connection to a server that proves by SCRAM-SHA-256 that it knows the password. Every client of the driver is
 * created here: by itself the driver would send the password to any process on a dead server's port. If the server is
 * lost later, the failing statement reports it, and the program continues.
 *
 * @param config the driver's configuration; request TLS only by `ssl`, not in a connection string
 * @throws Error naming the address, what the server did and what is required; HungServerError;
 *   DatabaseError for the server's own error, such as a wrong password. None contains the password
 */
export async function connectClient(config: ClientConfig): Promise<Client> {
  const before = performance.eventLoopUtilization();
  try {
    return await connectOnce(config);
  } catch (error) {
    const { utilization } = performance.eventLoopUtilization(before);
    if (!(error instanceof SilentServer) || utilization < BUSY_UTILIZATION) throw error;
    // The server may have answered while this process was busy, for example with a long migration.
    return connectOnce(config);
  }
}

async function connectOnce({ ssl, ...config }: ClientConfig): Promise<Client> {
  const stream = new GuardedStream(ssl === true ? {} : ssl === false ? undefined : ssl);
  const patience = config.connectionTimeoutMillis ?? CONNECT_TIMEOUT;
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
    if (isDriverError(cause, "timeout expired")) {
      const time = `nothing for ${patience / 1000} s`;
      throw stream.opened
        ? new HungServerError(`${server} accepts connections and answered ${time}`, { cause })
        : new SilentServer(`${server} answered ${time}`, { cause });
    }
    throw explained(cause, server);
  }
}

/** Whether it is the driver's own error, which has no code, with this message. */
export function isDriverError(error: unknown, message: string): boolean {
  return error instanceof Error && !(error instanceof DatabaseError) && error.message === message;
}

/** Rewords a SCRAM failure that the driver reports. */
function explained(cause: unknown, server: string): unknown {
  if (!(cause instanceof Error) || cause instanceof DatabaseError) return cause;
  const [, what] = /^SASL: (?:SCRAM-SERVER-\w+-MESSAGE: )?(.+)/.exec(cause.message) ?? [];
  if (what === undefined || what.startsWith("client password")) return cause;
  return new Error(unverifiedServerMessage(server, `failed the log-in (${what})`), { cause });
}
