/** One client's connection: complete messages in, bytes out. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { MAX_MESSAGE_BYTES, type Message, MessageReader, type Opening } from "./wire-protocol";

/** Maximum bytes from a client that are not read yet: before its session, and within it. */
const BEFORE_SESSION = 64 * 1024;
const IN_SESSION = MAX_MESSAGE_BYTES + 1024 * 1024;

export class ClientChannel {
  readonly socket: Socket;
  /**
   * Aborted when the client disconnects. The socket is always read, because a disconnect would not be noticed
   * otherwise.
   */
  readonly disconnected: AbortSignal;
  readonly #reader = new MessageReader();
  #limit = BEFORE_SESSION;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    const gone = new AbortController();
    this.disconnected = gone.signal;
    socket.on("data", (piece: Buffer) => {
      this.#reader.push(piece);
      // No honest client sends so much without an answer.
      if (this.#reader.size > this.#limit) socket.destroy();
      this.#wake();
    });
    const end = (): void => {
      gone.abort();
      this.#wake();
    };
    socket.once("end", end).once("close", end);
  }

  /** Raises the limit of unread bytes for the session. */
  beginSession(): void {
    this.#limit = IN_SESSION;
  }

  /** The start-up message, after declining encryption; undefined for a client that wants no session. */
  async startup(): Promise<Extract<Opening, { kind: "startup" }> | undefined> {
    for (;;) {
      const opening = await this.#nextComplete(() => this.#reader.opening());
      if (opening?.kind !== "encryption") return opening?.kind === "startup" ? opening : undefined;
      await this.send(Buffer.from("N"));
    }
  }

  /** The next message; undefined if the client disconnected. @param limit maximum bytes */
  async message(limit?: number): Promise<Message | undefined> {
    return this.#nextComplete(() => this.#reader.message(limit));
  }

  /** Writes, and waits while the client does not read. */
  async send(bytes: Buffer): Promise<void> {
    const { socket } = this;
    if (bytes.length === 0 || !socket.writable || socket.write(bytes)) return;
    await Promise.race([once(socket, "drain"), once(socket, "close")]);
  }

  async #nextComplete<T>(read: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const whole = read();
      if (whole !== undefined || this.disconnected.aborted) return whole;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
