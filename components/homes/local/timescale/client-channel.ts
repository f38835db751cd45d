/** The two ends of one client's connection: whole messages in, bytes out. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { LONGEST_MESSAGE, type Message, MessageReader, type Opening } from "./wire-protocol";

/** Bytes that a client may have sent which nobody has asked for yet: before its session, and within it. */
const BEFORE_SESSION = 64 * 1024;
const IN_SESSION = LONGEST_MESSAGE + 1024 * 1024;

export class ClientChannel {
  readonly socket: Socket;
  /** Aborted when the client has gone. It is read from at all times, or that would not be seen. */
  readonly gone: AbortSignal;
  readonly #reader = new MessageReader();
  #most = BEFORE_SESSION;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    const gone = new AbortController();
    this.gone = gone.signal;
    socket.on("data", (piece: Buffer) => {
      this.#reader.push(piece);
      // No honest client sends so much without an answer.
      if (this.#reader.size > this.#most) socket.destroy();
      this.#wake();
    });
    const end = (): void => {
      gone.abort();
      this.#wake();
    };
    socket.once("end", end).once("close", end);
  }

  /** From here on the client may send what it likes. */
  beginSession(): void {
    this.#most = IN_SESSION;
  }

  /** The packet that asks for a session, encryption being declined; undefined for a client that wants none. */
  async startup(): Promise<Extract<Opening, { kind: "startup" }> | undefined> {
    for (;;) {
      const opening = await this.#whole(() => this.#reader.opening());
      if (opening?.kind !== "encryption") return opening?.kind === "startup" ? opening : undefined;
      await this.send(Buffer.from("N"));
    }
  }

  /** The next message; undefined when the client is gone. @param limit bytes that it may have */
  async message(limit?: number): Promise<Message | undefined> {
    return this.#whole(() => this.#reader.message(limit));
  }

  /** Writes, and waits while the client does not read. */
  async send(bytes: Buffer): Promise<void> {
    const { socket } = this;
    if (bytes.length === 0 || !socket.writable || socket.write(bytes)) return;
    await Promise.race([once(socket, "drain"), once(socket, "close")]);
  }

  async #whole<T>(read: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const whole = read();
      if (whole !== undefined || this.gone.aborted) return whole;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
