/** The two ends of one client's connection: whole messages in, bytes out. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { type Message, MessageReader, type Opening } from "./wire-protocol";

/** Bytes that are taken from a client before anybody asks for them. */
const AHEAD = 1024 * 1024;

export class ClientChannel {
  readonly socket: Socket;
  /** Aborted when the client has gone, also while it is not read from. */
  readonly gone: AbortSignal;
  readonly #reader = new MessageReader();
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    const gone = new AbortController();
    this.gone = gone.signal;
    socket.on("data", (piece: Buffer) => {
      this.#reader.push(piece);
      if (this.#reader.size > AHEAD) socket.pause();
      this.#wake();
    });
    const end = (): void => {
      gone.abort();
      this.#wake();
    };
    socket.once("end", end).once("close", end);
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
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      this.socket.resume();
      await woken;
    }
  }
}
