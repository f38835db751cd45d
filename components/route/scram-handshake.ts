import { shortened } from "../text/printable";
import { SCRAM_ITERATIONS } from "../roles/plan/scram";

/** A message is a letter, four bytes with the length of all that follows the letter, and the content. */
export const HEAD = 5;
export const AUTHENTICATION = "R".charCodeAt(0);
export const ERROR_RESPONSE = "E".charCodeAt(0);

/** Kinds of the message of authentication. */
const OK = 0;
const OFFER = 10;
const CHALLENGE = 11;
const PROOF = 12;
/** What a server does that sends a kind of them which SCRAM has no use for. */
const REQUESTS: ReadonlyMap<number, string> = new Map([
  [2, "asked for a Kerberos V5 log-in"],
  [3, "asked for the password in clear text"],
  [5, "asked for an MD5 hash of the password"],
  [6, "asked for SCM credentials"],
  [7, "asked for a GSSAPI log-in"],
  [9, "asked for an SSPI log-in"],
]);

const MECHANISM = "SCRAM-SHA-256";
/** The same, bound to the TLS session that it goes through. */
const BOUND = "SCRAM-SHA-256-PLUS";

/** Longest messages before the end of a log-in, in bytes; libpq's limits are alike. */
const LONGEST = new Map([
  [AUTHENTICATION, 10_000],
  [ERROR_RESPONSE, 30_000],
]);

/** A server that does not log in by SCRAM-SHA-256, or does not prove that it knows the password. */
export class UnprovenServer extends Error {}

/**
 * Follows a log-in by the server's messages, and holds it to SCRAM-SHA-256 from the offer to the server's own proof.
 * A server that asks for anything else may be a stranger on a dead server's port, and gets no password. Whether the
 * proof is right is for the client to say, which has the password.
 */
export class ScramHandshake {
  #next = OFFER;

  /** @param server what messages call it, such as `127.0.0.1:15432` */
  constructor(private readonly server: string) {}

  get done(): boolean {
    return this.#next === OK + 1;
  }

  /**
   * Looks at the beginning of a message, before the rest of it is waited for.
   * @throws UnprovenServer for what no server says before the client is logged in
   */
  begin(type: number, length: number): void {
    const most = LONGEST.get(type) ?? 0;
    if (length < 4 || length > most) this.#refuse("does not speak PostgreSQL's protocol");
  }

  /**
   * Takes a whole message of authentication.
   * @returns the message for the client: without the offer to bind the log-in to TLS
   * @throws UnprovenServer
   */
  see(whole: Buffer): Buffer {
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
        ? "let the login in without a password"
        : "let the login in without a proof that it knows the password";
    }
    return REQUESTS.get(kind) ?? "sent a message of the log-in out of turn";
  }

  #offer(whole: Buffer, mechanisms: readonly string[]): Buffer {
    if (!mechanisms.includes(MECHANISM)) {
      const names = mechanisms.map((name) => shortened(name, 40));
      this.#refuse(`offers a log-in by ${names.slice(0, 5).join(", ") || "nothing"} alone`);
    }
    this.#next = CHALLENGE;
    const names = mechanisms.filter((name) => name !== BOUND);
    const content = `${names.map((name) => `${name}\0`).join("")}\0`;
    return message(
      AUTHENTICATION,
      Buffer.concat([whole.subarray(HEAD, HEAD + 4), Buffer.from(content, "latin1")]),
    );
  }

  /** With few iterations the client's answer is quick to search for the password. */
  #challenge(content: string): void {
    const iterations = Number(/(?:^|,)i=(\d+)/.exec(content)?.[1] ?? 0);
    if (iterations >= SCRAM_ITERATIONS) return;
    this.#refuse(`asked for SCRAM with ${iterations} iterations, fewer than ${SCRAM_ITERATIONS}`);
  }

  #refuse(what: string): never {
    throw new UnprovenServer(unproven(this.server, what));
  }
}

/** @param what it did: "asked for the password in clear text" */
export function unproven(server: string, what: string): string {
  return (
    `the server at ${server} ${what}; SCRAM-SHA-256 is required. It may not be this stack's server, so no password was ` +
    "sent. Find the process that listens there; if the server is yours, set scram-sha-256 in its pg_hba.conf"
  );
}

export function message(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head[0] = type;
  head.writeUInt32BE(content.length + HEAD - 1, 1);
  return Buffer.concat([head, content]);
}
