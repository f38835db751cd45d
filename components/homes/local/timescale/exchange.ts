/** What a client and the embedded TimescaleDB say to each other within a session. */
import type { ClientChannel } from "./client-channel";
import { COPY_FILE, copyRequest } from "./copy-from-stdin";
import type { EngineProcess } from "./engine-process";
import { int16, type Message, ProtocolError, serverMessage } from "./wire-protocol";

/** Bytes of one COPY, which is held in memory, here and in the engine. */
const LONGEST_FILE = 64 * 1024 * 1024;

/** Messages that the engine knows. Any other ends it. */
const PASSED_ON = new Set(["Q", "P", "B", "D", "E", "S", "C", "H", "F"]);

/** Is told of each message that the engine gets. */
export interface ExchangeWatcher {
  readonly before: () => void;
  /** Before the client has the reply, and with it the next word. */
  readonly after: (reply: Buffer) => void;
  /** The client is to send more of what it copies. */
  readonly awaitsFile: () => void;
}

/** One client's messages and the engine's replies, in turn. */
export class Exchange {
  readonly #engine: EngineProcess;
  readonly #client: ClientChannel;
  readonly #watcher: ExchangeWatcher;

  constructor(engine: EngineProcess, client: ClientChannel, watcher: ExchangeWatcher) {
    this.#engine = engine;
    this.#client = client;
    this.#watcher = watcher;
  }

  /** Until the client ends the session or is gone. */
  async run(): Promise<void> {
    for (;;) {
      const message = await this.#client.message();
      if (message === undefined || message.type === "X") return;
      if (!PASSED_ON.has(message.type)) {
        // Left over from a COPY that failed; PostgreSQL ignores them, too.
        if (["d", "c", "f"].includes(message.type)) continue;
        throw new ProtocolError(`message type "${message.type}" is not known`);
      }
      this.#watcher.before();
      const reply = await this.#reply(message);
      this.#watcher.after(reply);
      await this.#client.send(reply);
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
    await this.#client.send(serverMessage("G", Buffer.from([binary ? 1 : 0]), int16(0)));
    const content: Buffer[] = [];
    let size = 0;
    for (;;) {
      this.#watcher.awaitsFile();
      const message = await this.#client.message();
      if (message === undefined) return Buffer.alloc(0);
      if (message.type === "d") {
        size += message.bytes.length;
        if (size <= LONGEST_FILE) content.push(message.bytes.subarray(5));
        else content.length = 0;
      } else if (message.type === "c") {
        this.#watcher.before();
        if (size > LONGEST_FILE) return this.#engine.execute(serverMessage("Q", TOO_LONG));
        return this.#engine.execute(serverMessage("Q", sql), content);
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

const TOO_LONG = raise("54000", "a COPY here takes 64 MB at most: cut it into several");

/** A statement that fails as told, so that the engine's transaction fails with it. */
function raise(code: string, message: string): string {
  const quoted = `'${message.replaceAll("'", "''").replaceAll("%", "%%")}'`;
  return `do language plpgsql $sark$ begin raise exception ${quoted} using errcode = '${code}'; end $sark$`;
}
