import { Transform, type TransformCallback } from "node:stream";

/** A message is a letter, four bytes with the length of all that follows the letter, and the content. */
const HEAD = 5;
const AUTHENTICATION = "R".charCodeAt(0);
const ERROR_RESPONSE = "E".charCodeAt(0);

/** Kinds of the message of authentication. */
const LOGGED_IN = 0;
const MECHANISMS = 10;

/** Log-in that is bound to the TLS session that it goes through. */
const BOUND = "SCRAM-SHA-256-PLUS";

/** PostgreSQL's own code for a connection that failed. */
const CONNECTION_FAILURE = "08006";

/** An error as a server would report it, which every client shows. */
export function errorResponse(text: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${CONNECTION_FAILURE}`, `M${text}`];
  return message(ERROR_RESPONSE, Buffer.from(`${fields.join("\0")}\0\0`));
}

/**
 * What a server says to its client, passed on, with two exceptions.
 *
 * The offer of a log-in that is bound to the TLS session is taken out: TLS ends here, so the client could not take it
 * up, and libpq takes such an offer without TLS for an attack. Who the server is was verified by its certificate.
 *
 * When the server is lost, the client is told why instead of being left with a closed connection; only between two
 * messages, since it would be taken for the content of one otherwise.
 */
export class ServerMessages extends Transform {
  /** The beginning of a message of which more is needed to go on. */
  #held = Buffer.alloc(0);
  /** Bytes still to come of the message that is being passed on. */
  #remaining = 0;
  #last: number | undefined;
  #loggedIn = false;
  #loss: string | undefined;

  /** Ends the stream, with a reason for the client unless the server has given one. */
  lose(reason: string): void {
    this.#loss = reason;
    this.end();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let passed = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#remaining > 0) {
        const step = Math.min(this.#remaining, bytes.length - at);
        at += step;
        this.#remaining -= step;
        continue;
      }
      if (bytes.length - at < HEAD) break;
      const size = bytes.readUInt32BE(at + 1) + 1;
      const type = bytes[at];
      if (type === AUTHENTICATION && !this.#loggedIn) {
        if (bytes.length - at < size) break;
        this.push(bytes.subarray(passed, at));
        this.push(this.#authentication(bytes.subarray(at, at + size)));
        at += size;
        passed = at;
      } else {
        this.#remaining = size;
      }
      this.#last = type;
    }
    this.push(bytes.subarray(passed, at));
    this.#held = Buffer.from(bytes.subarray(at));
    done();
  }

  override _flush(done: TransformCallback): void {
    const between = this.#remaining === 0 && this.#held.length === 0;
    this.push(this.#held);
    if (this.#loss !== undefined && between && this.#last !== ERROR_RESPONSE) {
      this.push(errorResponse(this.#loss));
    }
    done();
  }

  #authentication(whole: Buffer): Buffer {
    const kind = whole.readUInt32BE(HEAD);
    this.#loggedIn = kind === LOGGED_IN;
    if (kind !== MECHANISMS) return whole;
    const offered = whole.toString("latin1", HEAD + 4).split("\0");
    const names = offered.filter((name) => name !== "" && name !== BOUND);
    const content = `${names.map((name) => `${name}\0`).join("")}\0`;
    return message(
      AUTHENTICATION,
      Buffer.concat([whole.subarray(HEAD, HEAD + 4), Buffer.from(content)]),
    );
  }
}

function message(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(HEAD);
  head[0] = type;
  head.writeUInt32BE(content.length + HEAD - 1, 1);
  return Buffer.concat([head, content]);
}
