/**
 * The part of PostgreSQL's protocol 3.0 that a server in front of the engine needs: it assembles messages from packets,
 * and has the few messages that the server answers itself. Pure.
 */

/** A message of a client after the start of its session. */
export interface Message {
  /** The type's letter. */
  readonly type: string;
  /** All of it, with type and length. */
  readonly bytes: Buffer;
}

/** The packet that opens a connection; it has no type letter. */
export type Opening =
  | { readonly kind: "encryption" }
  | { readonly kind: "cancel" }
  | {
      readonly kind: "startup";
      readonly minor: number;
      readonly parameters: ReadonlyMap<string, string>;
    };

/** Maximum bytes of a message; PostgreSQL's own limit is 1 GB, for a whole server. */
export const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
/** Maximum bytes of a start-up packet: PostgreSQL's own limit. */
const OPENING_LIMIT = 10_000;

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

/** An error that ends a session: its SQLSTATE, and a message for the client. */
export class SessionError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A violation of the protocol, which ends the connection. */
export function protocolError(message: string): SessionError {
  return new SessionError("08P01", message);
}

/** Assembles messages from the pieces that a socket yields. */
export class MessageReader {
  #pieces: Buffer[] = [];
  #size = 0;

  /** Bytes that are not read yet. */
  get size(): number {
    return this.#size;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }

  /** The opening packet, once all of it is there. */
  opening(): Opening | undefined {
    const bytes = this.#take(0, OPENING_LIMIT);
    return bytes === undefined ? undefined : parseOpening(bytes);
  }

  /** The next complete message, if there is one. @param limit maximum bytes */
  message(limit = MAX_MESSAGE_BYTES): Message | undefined {
    const bytes = this.#take(1, limit);
    return bytes === undefined ? undefined : { type: String.fromCharCode(bytes[0] ?? 0), bytes };
  }

  /** Takes as many bytes as the length at `offset` announces. Pieces are joined only when all are there. */
  #take(offset: number, limit: number): Buffer | undefined {
    if (this.#size < offset + 4) return undefined;
    const length = this.#peek(offset + 4).readInt32BE(offset);
    if (length < 4 || length > limit) {
      throw protocolError(`message length ${length} is not between 4 and ${limit}`);
    }
    const total = offset + length;
    if (this.#size < total) return undefined;
    const all = this.#peek(this.#size);
    this.#pieces = total < all.length ? [all.subarray(total)] : [];
    this.#size -= total;
    return all.subarray(0, total);
  }

  /** The first piece, made to hold at least `count` bytes. */
  #peek(count: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= count) return first;
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }
}

function parseOpening(bytes: Buffer): Opening {
  if (bytes.length < 8) throw protocolError("the opening packet has no version");
  const code = bytes.readInt32BE(4);
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: "encryption" };
  if (code === CANCEL_REQUEST) return { kind: "cancel" };
  if (code >> 16 !== 3)
    throw protocolError(`unsupported protocol version ${code >> 16}; expected 3`);
  const fields = bytes.toString("utf8", 8).split("\0");
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length && fields[at] !== ""; at += 2) {
    parameters.set(fields[at] ?? "", fields[at + 1] ?? "");
  }
  return { kind: "startup", minor: code & 0xffff, parameters };
}

/** Settings among a session's start-up parameters, those of `options` ("-c name=value") included. */
export function startupSettings(parameters: ReadonlyMap<string, string>): [string, string][] {
  const words = (parameters.get("options") ?? "").match(/(?:\\.|[^\s\\])+/g) ?? [];
  const fromOptions = words
    .map((word) => word.replaceAll(/\\(.)/g, "$1"))
    .join(" ")
    .split(/(?:^|\s)(?:-c\s*|--)/)
    .flatMap((option): [string, string][] => {
      const at = option.indexOf("=");
      return at < 1
        ? []
        : [[option.slice(0, at).trim().replaceAll("-", "_"), option.slice(at + 1)]];
    });
  const direct = [...parameters].filter(
    ([name]) =>
      !["user", "database", "options", "replication"].includes(name) && !isExtension(name),
  );
  return [...fromOptions, ...direct];
}

/** Whether a parameter is a protocol extension; the answer names it as unknown. */
export function isExtension(name: string): boolean {
  return name.startsWith("_pq_.");
}

/** One message of the server. */
export function serverMessage(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)),
  );
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

/** An error that ends the session. */
export function fatal(code: string, message: string): Buffer {
  return serverMessage("E", "SFATAL", "VFATAL", `C${code}`, `M${message}`, Buffer.alloc(1));
}

/** The tags of the commands that a reply reports as complete, such as "INSERT 0 1". */
export function completedCommands(reply: Buffer): string[] {
  const tags: string[] = [];
  for (let at = 0; at + 5 <= reply.length; at += 1 + reply.readInt32BE(at + 1)) {
    const end = at + 1 + reply.readInt32BE(at + 1);
    if (reply[at] === 0x43) tags.push(reply.toString("latin1", at + 5, end - 1));
  }
  return tags;
}

/**
 * The state that a reply ends with: "I" outside of a transaction, "T" within one, "E" within one that has failed;
 * undefined for a reply to part of a query.
 */
export function transactionStatus(reply: Buffer): string | undefined {
  const ready = reply.length >= 6 && reply[reply.length - 6] === 0x5a;
  return ready ? reply.toString("latin1", reply.length - 1) : undefined;
}
