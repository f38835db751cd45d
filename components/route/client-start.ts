import type { Socket } from "node:net";

/** First message of a client that requests TLS; the server answers with one letter. */
export const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const GSSENC_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);
const CANCEL_CODE = 80877102;

/** PostgreSQL's limit of a startup message (MAX_STARTUP_PACKET_LENGTH). */
const MAX_LENGTH = 10_000;

/** A client's first message after encryption was declined. */
export interface ClientStart {
  /** The message, to be forwarded; more data may follow in the socket. */
  readonly message: Buffer;
  /** Whether it is a cancel request, to which the server sends no answer. */
  readonly cancels: boolean;
}

/**
 * Reads a PostgreSQL client's first message and declines encryption: the connection stays on this machine. Leaves the
 * socket paused.
 * @returns undefined when the client disconnects or does not speak the protocol
 */
export async function readClientStart(client: Socket): Promise<ClientStart | undefined> {
  for (;;) {
    const message = await readMessage(client);
    if (message === undefined) return undefined;
    if (message.equals(SSL_REQUEST) || message.equals(GSSENC_REQUEST)) client.write("N");
    else return { message, cancels: message.readUInt32BE(4) === CANCEL_CODE };
  }
}

async function readMessage(client: Socket): Promise<Buffer | undefined> {
  const head = await readBytes(client, 8);
  const length = head?.readUInt32BE(0) ?? 0;
  if (head === undefined || length < head.length || length > MAX_LENGTH) return undefined;
  const rest = await readBytes(client, length - head.length);
  return rest && Buffer.concat([head, rest]);
}

function readBytes(client: Socket, length: number): Promise<Buffer | undefined> {
  if (length === 0) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve) => {
    const settle = (bytes?: Buffer): void => {
      client.off("readable", attempt).off("end", settle).off("close", settle);
      resolve(bytes);
    };
    const attempt = (): void => {
      const bytes = client.read(length) as Buffer | null;
      // Before the end of the stream, read() returns null for an incomplete read.
      if (bytes !== null) settle(bytes.length === length ? bytes : undefined);
    };
    client.on("readable", attempt).on("end", settle).on("close", settle);
    attempt();
  });
}
