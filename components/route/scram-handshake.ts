import { shortened } from "../text/printable";
import { SCRAM_ITERATIONS } from "../roles/plan/scram";

/** Message header: a letter, and four bytes with the length of everything after the letter. */
export const HEAD = 5;
export const AUTHENTICATION = "R".charCodeAt(0);
export const ERROR_RESPONSE = "E".charCodeAt(0);

/** Kinds of authentication messages. */
const OK = 0;
const OFFER = 10;
const CHALLENGE = 11;
const PROOF = 12;
/** Authentication requests of a server that are not SCRAM, in words. */
const OTHER_REQUESTS: ReadonlyMap<number, string> = new Map([
  [2, "asked for a Kerberos V5 log-in"],
  [3, "asked for the password in clear text"],
  [5, "asked for an MD5 hash of the password"],
  [6, "asked for SCM credentials"],
  [7, "asked for a GSSAPI log-in"],
  [9, "asked for an SSPI log-in"],
]);

const MECHANISM = "SCRAM-SHA-256";
/** The same mechanism, bound to the TLS session. */
const CHANNEL_BINDING_MECHANISM = "SCRAM-SHA-256-PLUS";

/** Longest messages before the end of log-in, in bytes; libpq has similar limits. */
const MAX_LENGTHS = new Map([
  [AUTHENTICATION, 10_000],
  [ERROR_RESPONSE, 30_000],
]);

/** A server that does not authenticate by SCRAM-SHA-256, or does not prove that it knows the password. */
export class UnverifiedServerError extends Error {}

/**
 * Follows a log-in by the server's messages, and enforces SCRAM-SHA-256 from the offer to the server's proof. A server
 * that asks for anything else may be a foreign process on a dead server's port, and gets no password. The client, which
 * has the password, verifies the proof.
 */
export class ScramHandshake {
  #next = OFFER;

  /** @param server name in messages, such as `127.0.0.1:15432` */
  constructor(private readonly server: string) {}

  get done(): boolean {
    return this.#next === OK + 1;
  }

  /**
   * Checks the header of a message before the rest arrives.
   * @throws UnverifiedServerError for a message that no server sends before log-in
   */
  checkHeader(type: number, length: number): void {
    const most = MAX_LENGTHS.get(type) ?? 0;
    if (length < 4 || length > most) this.#refuse("does not speak PostgreSQL's protocol");
  }

  /**
   * Processes a complete authentication message.
   * @returns the message for the client, without the offer of channel binding
   * @throws UnverifiedServerError
   */
  process(whole: Buffer): Buffer {
    const kind = whole.length < HEAD + 4 ? -1 : whole.readUInt32BE(HEAD);
    const content = whole.subarray(HEAD + 4).toString("latin1");
    if (kind !== this.#next) this.#refuse(this.#unexpected(kind));
    if (kind === OFFER) return this.#offer(whole, content.split("\0").filter(Boolean));
    if (kind === CHALLENGE) this.#challenge(content);
    this.#next = kind === OK ? OK + 1 : kind === PROOF ? OK : kind + 1;
    return whole;
  }

  #unexpected(kind: number): string {
    if (kind === OK) {
      return this.#next === OFFER
        ? "accepted the login without a password"
        : "accepted the login without proving that it knows the password";
    }
    return OTHER_REQUESTS.get(kind) ?? "sent an authentication message out of order";
  }

  #offer(whole: Buffer, mechanisms: readonly string[]): Buffer {
    if (!mechanisms.includes(MECHANISM)) {
      const names = mechanisms.map((name) => shortened(name, 40));
      this.#refuse(`only offers ${names.slice(0, 5).join(", ") || "nothing"}`);
    }
    this.#next = CHALLENGE;
    const names = mechanisms.filter((name) => name !== CHANNEL_BINDING_MECHANISM);
    const content = `${names.map((name) => `${name}\0`).join("")}\0`;
    return encodeMessage(
      AUTHENTICATION,
      Buffer.concat([whole.subarray(HEAD, HEAD + 4), Buffer.from(content, "latin1")]),
    );
  }

  /** With few iterations, the password could be guessed from the client's answer. */
  #challenge(content: string): void {
    const iterations = Number(/(?:^|,)i=(\d+)/.exec(content)?.[1] ?? 0);
    if (iterations >= SCRAM_ITERATIONS) return;
    this.#refuse(`asked for SCRAM with ${iterations} iterations, fewer than ${SCRAM_ITERATIONS}`);
  }

  #refuse(what: string): never {
    throw new UnverifiedServerError(unverifiedServerMessage(this.server, what));
  }
}

/** @param what the server's action: "asked for the password in clear text" */
export function unverifiedServerMessage(server: string, what: string): string {
  return (
    `the server at ${server} ${what}; SCRAM-SHA-256 is required. It may not be this stack's server, so no password was ` +
    "sent. Find the process that listens there; if the server is yours, set scram-sha-256 in its pg_hba.conf"
  );
}

export function encodeMessage(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head[0] = type;
  head.writeUInt32BE(content.length + HEAD - 1, 1);
  return Buffer.concat([head, content]);
}
