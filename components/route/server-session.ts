import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, type TLSSocket, connect } from "node:tls";
import { SSL_REQUEST } from "./client-opening";
import { RouteError } from "./route-error";

/** Milliseconds for the server's answer and for TLS, together three round trips. */
const HANDSHAKE_TIMEOUT = 10_000;

/** The server's answers to the wish for TLS. */
const YES = "S".charCodeAt(0);
const NO = "N".charCodeAt(0);

/** A connection, with words for the way it takes, such as "through the tunnel 127.0.0.1:6432". */
export interface Line<Connection extends Duplex = Duplex> {
  readonly connection: Connection;
  readonly way: string;
}

/** Who the server has to be. */
export interface Identity {
  /** Name or address that its certificate must bear. */
  readonly server: string;
  /** How TLS is spoken: `ca` is the PEM of the only authorities that are believed. @default - the system's */
  readonly tls: ConnectionOptions;
}

/** A server that did not prove who it is. */
export class IdentityError extends RouteError {}

/**
 * Turns a fresh connection to a PostgreSQL server into a verified TLS session, which libpq calls `verify-full`.
 * Closes the connection when that fails.
 * @throws IdentityError when the server is not the one that is meant
 * @throws RouteError when it offers no TLS, or the connection fails
 */
export async function secure(
  { connection, way }: Line,
  identity: Identity,
): Promise<Line<TLSSocket>> {
  const late = setTimeout(() => {
    connection.destroy(new Error(`no answer within ${HANDSHAKE_TIMEOUT / 1000} seconds`));
  }, HANDSHAKE_TIMEOUT).unref();
  try {
    checkAnswer(await askForTls(connection));
    return { connection: await handshake(connection, identity), way };
  } catch (cause) {
    connection.destroy();
    throw explained(cause, way);
  } finally {
    clearTimeout(late);
  }
}

function explained(cause: unknown, way: string): RouteError {
  const text = `${way}: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (cause instanceof IdentityError) return new IdentityError(text, false, { cause });
  return new RouteError(text, cause instanceof RouteError ? cause.passing : true, { cause });
}

function checkAnswer(answer: Buffer): void {
  if (answer[0] === NO) {
    const advice = "and the program sends nothing without; set ssl = on there";
    throw new RouteError(`the server offers no TLS, ${advice}`, false);
  }
  // A second byte would be someone's attempt to have it taken for what was encrypted (CVE-2021-23222).
  if (answer[0] !== YES || answer.length > 1) {
    throw new RouteError("what answers there does not speak PostgreSQL's protocol", false);
  }
}

function askForTls(connection: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    connection.once("data", resolve);
    connection.once("error", reject);
    connection.once("end", () => {
      reject(new Error("the connection was closed before the server said anything"));
    });
    connection.write(SSL_REQUEST);
  });
}

function handshake(connection: Duplex, { server, tls }: Identity): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const session = connect({
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ...tls,
      socket: connection,
      // An address may stand in a certificate, and not in the greeting (RFC 6066).
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
    // Both stay for the life of the session: then there is nothing left to reject.
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
  const text = `the server did not prove that it is ${server}: ${cause.message}`;
  return new IdentityError(text, false, { cause });
}

/** What fails inside of TLS, such as a version that is too old, fails again; what fails below it may not. */
function tlsError(cause: Error & { readonly code?: string }): Error {
  const lasting = /^ERR_(SSL|TLS)_|^EPROTO$/.test(cause.code ?? "");
  return lasting ? new RouteError(`TLS failed: ${cause.message}`, false, { cause }) : cause;
}
