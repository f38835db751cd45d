/** The two ends of one client's connection: whole messages in, bytes out. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { type Message, MessageReader, type Opening } from "./wire-protocol";

export class ClientChannel {
  readonly socket: Socket;
  readonly #reader = new MessageReader();
  readonly #pieces: AsyncIterator<Buffer>;

  constructor(socket: Socket) {
    this.socket = socket;
    // Typed as any by Node, since an encoding would make them strings; none is set.
    this.#pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
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
      if (whole !== undefined) return whole;
      const piece = await this.#pieces.next();
      if (piece.done === true) return undefined;
      this.#reader.push(piece.value);
    }
  }
}
