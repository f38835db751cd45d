import { Transform, type TransformCallback } from "node:stream";
import {
  AUTHENTICATION,
  ERROR_RESPONSE,
  HEAD,
  ScramHandshake,
  UnverifiedServerError,
  encodeMessage,
} from "./scram-handshake";
import { printable } from "../text/printable";

/** SQLSTATE connection_failure. */
const CONNECTION_FAILURE = "08006";

/** An ErrorResponse message, which every client displays; a NUL byte would end its field. */
export function errorResponse(text: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${CONNECTION_FAILURE}`, `M${printable(text)}`];
  return encodeMessage(ERROR_RESPONSE, Buffer.from(`${fields.join("\0")}\0\0`));
}

/**
 * Forwards a server's messages to its client, with three exceptions.
 *
 * Until log-in is complete, any request other than SCRAM-SHA-256 is withheld and replaced by an error that ends the
 * stream: a client would answer the request.
 *
 * The offer of channel binding is removed. TLS ends here, so the client cannot use it, and libpq takes such an offer
 * without TLS for an attack. The server's identity was verified by its certificate.
 *
 * When the server is lost, the client gets an error with the reason instead of a closed connection. This happens only
 * between two messages: inside one, it would be taken for content.
 */
export class ServerMessages extends Transform {
  /** The incomplete start of a message. */
  #held = Buffer.alloc(0);
  /** Bytes still to come of the message being forwarded. */
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
      if (!(error instanceof UnverifiedServerError)) throw error;
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
      if (!this.login.done) this.login.checkHeader(type, size - 1);
      if (type === AUTHENTICATION && !this.login.done) {
        if (bytes.length - at < size) break;
        this.push(bytes.subarray(passed, at));
        this.push(this.login.process(bytes.subarray(at, at + size)));
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
