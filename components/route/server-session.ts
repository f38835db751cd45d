import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, type TLSSocket, connect } from "node:tls";
import { SSL_REQUEST } from "./client-start";
import { RouteError } from "./route-error";

/** Milliseconds for the server's answer and TLS, together three round trips. */
const HANDSHAKE_TIMEOUT = 10_000;

/** A server's answers to a TLS request. */
const TLS_ACCEPTED = "S".charCodeAt(0);
const TLS_DECLINED = "N".charCodeAt(0);

/** A connection and its route in words, such as "through the tunnel 127.0.0.1:6432". */
export interface RoutedConnection<Connection extends Duplex = Duplex> {
  readonly connection: Connection;
  readonly description: string;
}

/** Expected identity of a server. */
export interface ExpectedIdentity {
  /** Name or address required in the certificate. */
  readonly server: string;
  /** TLS options: `ca` is the PEM of the only trusted CAs. @default - the system's */
  readonly tls: ConnectionOptions;
}

/** A server whose identity could not be verified. */
export class IdentityError extends RouteError {}

/**
 * Upgrades a new connection to a PostgreSQL server to verified TLS (`verify-full` in libpq). Closes the connection on
 * failure.
 * @throws IdentityError when the server's identity is wrong
 * @throws RouteError when the server offers no TLS, or the connection fails
 */
export async function upgradeToTls(
  { connection, description }: RoutedConnection,
  identity: ExpectedIdentity,
): Promise<RoutedConnection<TLSSocket>> {
  const late = setTimeout(() => {
    connection.destroy(new Error(`no answer within ${HANDSHAKE_TIMEOUT / 1000} seconds`));
  }, HANDSHAKE_TIMEOUT).unref();
  try {
    checkAnswer(await askForTls(connection));
    return { connection: await handshake(connection, identity), description };
  } catch (cause) {
    connection.destroy();
    throw explained(cause, description);
  } finally {
    clearTimeout(late);
  }
}

function explained(cause: unknown, way: string): RouteError {
  const text = `${way}: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (cause instanceof IdentityError) return new IdentityError(text, false, { cause });
  return new RouteError(text, cause instanceof RouteError ? cause.transient : true, { cause });
}

function checkAnswer(answer: Buffer): void {
  if (answer[0] === TLS_DECLINED) {
    const advice = "and this program sends nothing unencrypted; set ssl = on there";
    throw new RouteError(`the server offers no TLS, ${advice}`, false);
  }
  // A second byte may be an attempt to inject plain text into the encrypted session (CVE-2021-23222).
  if (answer[0] !== TLS_ACCEPTED || answer.length > 1) {
    throw new RouteError(
      "the process that answers there does not speak PostgreSQL's protocol",
      false,
    );
  }
}

function askForTls(connection: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    connection.once("data", resolve);
    connection.once("error", reject);
    connection.once("end", () => {
      reject(new Error("the connection was closed before the server answered"));
    });
    connection.write(SSL_REQUEST);
  });
}

function handshake(connection: Duplex, { server, tls }: ExpectedIdentity): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const session = connect({
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ...tls,
      socket: connection,
      // An IP address is allowed in a certificate, but not in SNI (RFC 6066).
      ...(isIP(server) ? { host: server } : { servername: server }),
    });
    const fail = (cause: Error): void => {
      session.destroy();
      reject(cause);
    };
    connection.once("error", (error) => session.destroy(error));
    session.once("secureConnect", () => {
      resolve(session);
    });
    // Both handlers stay for the life of the session; by then there is nothing left to reject.
    session.on("error", (cause: Error & { readonly code?: string }) => {
      const verified = (session.authorizationError as Error | null) === null;
      fail(verified ? tlsError(cause) : unproven(server, cause));
    });
    session.once("close", () => {
      fail(new Error("the connection was closed during the TLS handshake"));
    });
  });
}

function unproven(server: string, cause: Error): IdentityError {
  const text = `the server's identity as ${server} could not be verified: ${cause.message}`;
  return new IdentityError(text, false, { cause });
}

/** A failure of TLS itself, such as an old version, is permanent; a failure below it may be transient. */
function tlsError(cause: Error & { readonly code?: string }): Error {
  const lasting = /^ERR_(SSL|TLS)_|^EPROTO$/.test(cause.code ?? "");
  return lasting ? new RouteError(`TLS failed: ${cause.message}`, false, { cause }) : cause;
}
