/** Relays messages between a client and the embedded TimescaleDB within a session. */
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

/** Maximum bytes of one COPY, which is held in memory here and in the engine. */
const MAX_COPY_BYTES = 64 * 1024 * 1024;

/** Types of messages that the engine supports. Any other one crashes it. */
const FORWARDED = new Set(["Q", "P", "B", "D", "E", "S", "C", "H", "F"]);

/** Relays a client's messages and the engine's replies, until the client ends the session or disconnects. */
export async function relayMessages(
  engine: EngineProcess,
  client: ClientChannel,
  turn: Turn,
): Promise<void> {
  for (;;) {
    const message = await client.message();
    if (message === undefined || message.type === "X") return;
    if (!FORWARDED.has(message.type)) {
      // Left over from a failed COPY; PostgreSQL ignores them, too.
      if (["d", "c", "f"].includes(message.type)) continue;
      throw protocolError(`unknown message type "${message.type}"`);
    }
    turn.markRunning();
    const { bytes, file } = await forEngine(message, client, turn);
    const reply = bytes === undefined ? Buffer.alloc(0) : await engine.execute(bytes, file);
    // Before the reply is sent: the client may send its next message at once.
    turn.markIdle(transactionStatus(reply) !== "I");
    await client.send(reply);
  }
}

/** A client's message for the engine; without bytes if the client disconnected in the middle of a COPY. */
interface ForEngine {
  readonly bytes?: Buffer;
  /** Data of a COPY FROM STDIN. */
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
  const refusal = raise(
    "0A000",
    "COPY FROM STDIN works here only as the single statement of a simple query",
  );
  const refused = message.type === "Q" ? [refusal] : [first, refusal, int16(0)];
  return { bytes: serverMessage(message.type, ...refused) };
}

/** Collects the data of a COPY FROM STDIN. */
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
    turn.markIdle(true);
    const message = await client.message();
    if (message === undefined) return {};
    if (message.type === "d") {
      size += message.bytes.length;
      if (size <= MAX_COPY_BYTES) file.push(message.bytes.subarray(5));
      else file.length = 0;
    } else if (message.type === "c") {
      turn.markRunning();
      if (size > MAX_COPY_BYTES) return { bytes: serverMessage("Q", TOO_LONG) };
      return { bytes: serverMessage("Q", sql), file };
    } else if (message.type === "f") {
      const reason = message.bytes.toString("utf8", 5, message.bytes.length - 1);
      return { bytes: serverMessage("Q", raise("57014", `COPY from stdin failed: ${reason}`)) };
    } else if (message.type !== "H" && message.type !== "S") {
      throw protocolError(`message type "${message.type}" during COPY`);
    }
  }
}

const TOO_LONG = raise("54000", "COPY FROM STDIN is limited to 64 MB here: split the data");

/** A statement that fails with this error, so that the engine's transaction fails, too. */
function raise(code: string, message: string): string {
  const quoted = `'${message.replaceAll("'", "''").replaceAll("%", "%%")}'`;
  return `do language plpgsql $sark$ begin raise exception ${quoted} using errcode = '${code}'; end $sark$`;
}
