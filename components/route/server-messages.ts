import { Transform, type TransformCallback } from "node:stream";
import {
  AUTHENTICATION,
  ERROR_RESPONSE,
  HEAD,
  ScramHandshake,
  UnprovenServer,
  message,
} from "./scram-handshake";
import { printable } from "../text/printable";

/** PostgreSQL's own code for a connection that failed. */
const CONNECTION_FAILURE = "08006";

/** An error as a server would report it, which every client shows as it is; a NUL would end its field. */
export function errorResponse(text: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${CONNECTION_FAILURE}`, `M${printable(text)}`];
  return message(ERROR_RESPONSE, Buffer.from(`${fields.join("\0")}\0\0`));
}

/**
 * What a server says to its client, passed on, with three exceptions.
 *
 * Until the client is logged in, anything but SCRAM-SHA-256 is kept from it and ends the stream with an error in its
 * place: a client answers what it is asked.
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
  #loss: string | undefined;
  #refused = false;

  constructor(private readonly login: ScramHandshake) {
    super();
  }

  /** Ends the stream, with a reason for the client unless the server has given one. */
  lose(reason: string): void {
    this.#loss = reason;
    this.end();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    try {
      if (!this.#refused) this.#pass(chunk);
    } catch (error) {
      if (!(error instanceof UnprovenServer)) throw error;
      this.#refused = true;
      this.push(errorResponse(error.message));
      this.push(null);
    }
    done();
  }

  #pass(chunk: Buffer): void {
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
      const type = bytes.readUInt8(at);
      if (!this.login.done) this.login.begin(type, size - 1);
      if (type === AUTHENTICATION && !this.login.done) {
        if (bytes.length - at < size) break;
        this.push(bytes.subarray(passed, at));
        this.push(this.login.see(bytes.subarray(at, at + size)));
        at += size;
        passed = at;
      } else {
        this.#remaining = size;
      }
      this.#last = type;
    }
    this.push(bytes.subarray(passed, at));
    this.#held = Buffer.from(bytes.subarray(at));
  }

  override _flush(done: TransformCallback): void {
    if (this.#refused) {
      done();
      return;
    }
    const between = this.#remaining === 0 && this.#held.length === 0;
    this.push(this.#held);
    if (this.#loss !== undefined && between && this.#last !== ERROR_RESPONSE) {
      this.push(errorResponse(this.#loss));
    }
    done();
  }
}
