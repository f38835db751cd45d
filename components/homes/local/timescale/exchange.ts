/** What a client and the embedded TimescaleDB say to each other within a session. */
import type { ClientChannel } from "./client-channel";
import { COPY_FILE, copyRequest } from "./copy-from-stdin";
import type { EngineProcess } from "./engine-process";
import type { Turn } from "./session-queue";
import {
  int16,
  type Message,
  protocolError,
  serverMessage,
  transactionStatus,
} from "./wire-protocol";

/** Bytes of one COPY, which is held in memory, here and in the engine. */
const LONGEST_FILE = 64 * 1024 * 1024;

/** Messages that the engine knows. Any other ends it. */
const PASSED_ON = new Set(["Q", "P", "B", "D", "E", "S", "C", "H", "F"]);

/** One client's messages and the engine's replies, in turn, until the client ends the session or is gone. */
export async function exchange(
  engine: EngineProcess,
  client: ClientChannel,
  turn: Turn,
): Promise<void> {
  for (;;) {
    const message = await client.message();
    if (message === undefined || message.type === "X") return;
    if (!PASSED_ON.has(message.type)) {
      // Left over from a COPY that failed; PostgreSQL ignores them, too.
      if (["d", "c", "f"].includes(message.type)) continue;
      throw protocolError(`message type "${message.type}" is not known`);
    }
    turn.works();
    const { bytes, file } = await forEngine(message, client, turn);
    const reply = bytes === undefined ? Buffer.alloc(0) : await engine.execute(bytes, file);
    // Before the client has the reply, and with it the next word.
    turn.rests(transactionStatus(reply) !== "I");
    await client.send(reply);
  }
}

/** What the engine gets of a client's message: without bytes when the client has gone in the middle of a COPY. */
interface ForEngine {
  readonly bytes?: Buffer;
  /** What a COPY from the client is to read. */
  readonly file?: readonly Buffer[];
}

async function forEngine(message: Message, client: ClientChannel, turn: Turn): Promise<ForEngine> {
  if (message.type !== "Q" && message.type !== "P") return message;
  const [first = "", second = ""] = message.bytes.toString("utf8", 5).split("\0", 2);
  const copy = copyRequest(message.type === "Q" ? first : second, COPY_FILE);
  if (copy.kind === "none") return { bytes: message.bytes };
  if (copy.kind === "copy" && message.type === "Q") {
    return collectCopy(copy.sql, copy.binary, client, turn);
  }
  const refusal = raise("0A000", "COPY FROM STDIN works here as a simple query of its own only");
  const refused = message.type === "Q" ? [refusal] : [first, refusal, int16(0)];
  return { bytes: serverMessage(message.type, ...refused) };
}

/** Collects what the client copies. */
async function collectCopy(
  sql: string,
  binary: boolean,
  client: ClientChannel,
  turn: Turn,
): Promise<ForEngine> {
  await client.send(serverMessage("G", Buffer.from([binary ? 1 : 0]), int16(0)));
  const file: Buffer[] = [];
  let size = 0;
  for (;;) {
    turn.rests(true);
    const message = await client.message();
    if (message === undefined) return {};
    if (message.type === "d") {
      size += message.bytes.length;
      if (size <= LONGEST_FILE) file.push(message.bytes.subarray(5));
      else file.length = 0;
    } else if (message.type === "c") {
      turn.works();
      if (size > LONGEST_FILE) return { bytes: serverMessage("Q", TOO_LONG) };
      return { bytes: serverMessage("Q", sql), file };
    } else if (message.type === "f") {
      const reason = message.bytes.toString("utf8", 5, message.bytes.length - 1);
      return { bytes: serverMessage("Q", raise("57014", `COPY from stdin failed: ${reason}`)) };
    } else if (message.type !== "H" && message.type !== "S") {
      throw protocolError(`message type "${message.type}" during COPY`);
    }
  }
}

const TOO_LONG = raise("54000", "a COPY here takes 64 MB at most: cut it into several");

/** A statement that fails as told, so that the engine's transaction fails with it. */
function raise(code: string, message: string): string {
  const quoted = `'${message.replaceAll("'", "''").replaceAll("%", "%%")}'`;
  return `do language plpgsql $sark$ begin raise exception ${quoted} using errcode = '${code}'; end $sark$`;
}
