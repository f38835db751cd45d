/** What a client and the embedded TimescaleDB say to each other within a session. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { copyRequest } from "./copy-from-stdin";
import { COPY_FILE, type TimescaleEngine } from "./timescale-engine";
import {
  completedCommands,
  int16,
  type Message,
  type MessageReader,
  ProtocolError,
  serverMessage,
} from "./wire-protocol";

/** Messages that the engine knows. Any other ends it. */
const PASSED_ON = new Set(["Q", "P", "B", "D", "E", "S", "C", "H", "F"]);

/** One client's messages and the engine's replies, in turn. */
export class Exchange {
  readonly #engine: TimescaleEngine;
  readonly #socket: Socket;
  readonly #reader: MessageReader;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #after: (commands: readonly string[]) => Promise<void>;

  constructor(
    engine: TimescaleEngine,
    socket: Socket,
    reader: MessageReader,
    pieces: AsyncIterator<Buffer>,
    after: (commands: readonly string[]) => Promise<void>,
  ) {
    this.#engine = engine;
    this.#socket = socket;
    this.#reader = reader;
    this.#pieces = pieces;
    this.#after = after;
  }

  /** Until the client ends the session or is gone. */
  async run(): Promise<void> {
    for (;;) {
      const message = await this.#next();
      if (message === undefined || message.type === "X") return;
      if (!PASSED_ON.has(message.type)) {
        // Left over from a COPY that failed; PostgreSQL ignores them, too.
        if (["d", "c", "f"].includes(message.type)) continue;
        throw new ProtocolError(`message type "${message.type}" is not known`);
      }
      const reply = await this.#reply(message);
      await send(this.#socket, reply);
      await this.#after(completedCommands(reply));
    }
  }

  async #next(): Promise<Message | undefined> {
    for (;;) {
      const message = this.#reader.message();
      if (message !== undefined) return message;
      const piece = await this.#pieces.next();
      if (piece.done === true) return undefined;
      this.#reader.push(piece.value);
    }
  }

  async #reply(message: Message): Promise<Buffer> {
    if (message.type !== "Q" && message.type !== "P") return this.#engine.execute(message.bytes);
    const [first = "", second = ""] = message.bytes.toString("utf8", 5).split("\0", 2);
    const copy = copyRequest(message.type === "Q" ? first : second, COPY_FILE);
    if (copy.kind === "none") return this.#engine.execute(message.bytes);
    if (copy.kind === "mixed" || message.type === "P") {
      const refusal = raise(
        "0A000",
        "COPY FROM STDIN works here as a simple query of its own only",
      );
      return this.#engine.execute(
        message.type === "Q"
          ? serverMessage("Q", refusal)
          : serverMessage("P", first, refusal, int16(0)),
      );
    }
    return this.#copy(copy.sql, copy.binary);
  }

  /** Collects what the client copies and runs the statement with all of it. */
  async #copy(sql: string, binary: boolean): Promise<Buffer> {
    await send(this.#socket, serverMessage("G", Buffer.from([binary ? 1 : 0]), int16(0)));
    const content: Buffer[] = [];
    for (;;) {
      const message = await this.#next();
      if (message === undefined) return Buffer.alloc(0);
      if (message.type === "d") content.push(message.bytes.subarray(5));
      else if (message.type === "c") {
        return this.#engine.executeWithFile(serverMessage("Q", sql), content);
      } else if (message.type === "f") {
        const reason = message.bytes.toString("utf8", 5, message.bytes.length - 1);
        return this.#engine.execute(
          serverMessage("Q", raise("57014", `COPY from stdin failed: ${reason}`)),
        );
      } else if (message.type !== "H" && message.type !== "S") {
        throw new ProtocolError(`message type "${message.type}" during COPY`);
      }
    }
  }
}

/** A statement that fails as told, so that the engine's transaction fails with it. */
function raise(code: string, message: string): string {
  const quoted = `'${message.replaceAll("'", "''").replaceAll("%", "%%")}'`;
  return `do language plpgsql $sark$ begin raise exception ${quoted} using errcode = '${code}'; end $sark$`;
}

/** Writes and waits while the client does not read. */
export async function send(socket: Socket, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || !socket.writable || socket.write(bytes)) return;
  await Promise.race([once(socket, "drain"), once(socket, "close")]);
}
