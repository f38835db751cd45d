/**
 * Encryption of a dump as a stream. Each chunk is authenticated with its number and whether it is the last one, so that
 * nothing of a changed, cut or reordered file is passed on: AES-256-GCM, as in the STREAM construction.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { DumpError } from "./dump-error";

const MAGIC = Buffer.from("sark dump 1\n");
const SALT = 16;
const KEY_ID = 8;
const HEADER = MAGIC.length + KEY_ID + SALT;
const TAG = 16;
/** Bytes of a chunk before encryption. */
const CHUNK = 64 * 1024;

/** A key for one purpose, from the secret of the stack, which is random and long. */
export function deriveKey(secret: string, purpose: string, salt?: Buffer, bytes = 32): Buffer {
  const derived = hkdfSync("sha256", secret, salt ?? Buffer.alloc(0), `sark ${purpose}`, bytes);
  return Buffer.from(derived);
}

/** Tells keys apart without telling anything about them. */
export function keyIdOf(secret: string): string {
  return deriveKey(secret, "key id", undefined, KEY_ID).toString("hex");
}

type Bytes = AsyncIterable<Buffer>;

/** A step of a pipeline that encrypts. */
export function encryption(secret: string) {
  return async function* encrypted(source: Bytes): AsyncGenerator<Buffer> {
    const salt = randomBytes(SALT);
    const header = Buffer.concat([MAGIC, Buffer.from(keyIdOf(secret), "hex"), salt]);
    const key = deriveKey(secret, "dump", salt);
    yield header;
    let count = 0;
    for await (const { chunk, last } of chunksOf(source, CHUNK)) {
      const cipher = createCipheriv("aes-256-gcm", key, nonce(count, last)).setAAD(header);
      yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
      count += 1;
    }
  };
}

/**
 * A step of a pipeline that decrypts.
 * @throws DumpError, through the pipeline, for another key and for a file that was changed or cut
 */
export function decryption(secret: string) {
  return async function* decrypted(source: Bytes): AsyncGenerator<Buffer> {
    let header = Buffer.alloc(0);
    async function* afterHeader(): AsyncGenerator<Buffer> {
      for await (const piece of source) {
        const missing = HEADER - header.length;
        header = Buffer.concat([header, piece.subarray(0, missing)]);
        yield piece.subarray(missing);
      }
    }
    let key: Buffer | undefined;
    let count = 0;
    for await (const { chunk, last } of chunksOf(afterHeader(), CHUNK + TAG)) {
      key ??= keyOfHeader(header, secret);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce(count, last), {
        authTagLength: TAG,
      });
      let plain: Buffer;
      try {
        decipher.setAAD(header).setAuthTag(chunk.subarray(Math.max(0, chunk.length - TAG)));
        plain = Buffer.concat([decipher.update(chunk.subarray(0, -TAG)), decipher.final()]);
      } catch (cause) {
        const at = HEADER + count * (CHUNK + TAG);
        throw new DumpError(`the dump is changed or cut at byte ${at}`, { cause });
      }
      yield plain;
      count += 1;
    }
  };
}

function keyOfHeader(header: Buffer, secret: string): Buffer {
  if (header.length < HEADER || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new DumpError("the file is not an encrypted dump");
  }
  const keyId = header.toString("hex", MAGIC.length, MAGIC.length + KEY_ID);
  if (keyId !== keyIdOf(secret)) throw new DumpError("the dump is encrypted with another key");
  return deriveKey(secret, "dump", header.subarray(HEADER - SALT));
}

/** Chunks of one size; the last may be shorter. */
async function* chunksOf(
  source: Bytes,
  size: number,
): AsyncGenerator<{ readonly chunk: Buffer; readonly last: boolean }> {
  let waiting = Buffer.alloc(0);
  for await (const piece of source) {
    waiting = Buffer.concat([waiting, piece]);
    let at = 0;
    // A full chunk waits for the next byte, as it may be the last one.
    for (; waiting.length - at > size; at += size) {
      yield { chunk: waiting.subarray(at, at + size), last: false };
    }
    waiting = waiting.subarray(at);
  }
  yield { chunk: waiting, last: true };
}

function nonce(count: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(count));
  bytes[11] = last ? 1 : 0;
  return bytes;
}
