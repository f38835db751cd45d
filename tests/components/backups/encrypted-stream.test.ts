import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { decryption, encryption } from "../../../components/backups/dump/encrypted-stream";

const SECRET = "a secret of a test, which is as long as a real one";
const CHUNK = 64 * 1024;
/** Of the header, and of an encrypted chunk. */
const HEADER = 36;
const SEALED = CHUNK + 16;

async function run(bytes: Buffer, step: ReturnType<typeof encryption>, piece = 10_000) {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += piece) pieces.push(bytes.subarray(at, at + piece));
  const found: Buffer[] = [];
  await pipeline(Readable.from(pieces), step, async (source: AsyncIterable<Buffer>) => {
    for await (const each of source) found.push(each);
  });
  return Buffer.concat(found);
}

const open = (bytes: Buffer, secret = SECRET, piece?: number) =>
  run(bytes, decryption(secret), piece);

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])("%s bytes come back", async (size) => {
  const plain = randomBytes(size);
  const sealed = await run(plain, encryption(SECRET));
  // Fewer bytes may occur in it by chance.
  expect(size >= 32 && sealed.includes(plain.subarray(0, 32))).toBe(false);
  for (const piece of [7777, 1_000_000])
    expect((await open(sealed, SECRET, piece)).equals(plain)).toBe(true);
});

describe("an encrypted stream is refused", () => {
  let sealed: Buffer;
  beforeAll(async () => {
    sealed = await run(randomBytes(3 * CHUNK), encryption(SECRET));
  });

  test.each<readonly [string, (bytes: Buffer) => Buffer, string]>([
    ["a flipped bit", (bytes) => flipped(bytes, HEADER + SEALED + 5), `byte ${HEADER + SEALED}`],
    ["a flipped bit in the salt", (bytes) => flipped(bytes, HEADER - 1), `byte ${HEADER}`],
    ["a cut", (bytes) => bytes.subarray(0, -1), `byte ${HEADER + 2 * SEALED}`],
    ["a cut between chunks", (bytes) => bytes.subarray(0, HEADER + SEALED), `byte ${HEADER}`],
    [
      "swapped chunks",
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, HEADER),
          bytes.subarray(HEADER + SEALED, HEADER + 2 * SEALED),
          bytes.subarray(HEADER, HEADER + SEALED),
          bytes.subarray(HEADER + 2 * SEALED),
        ]),
      `byte ${HEADER}`,
    ],
    ["a cut header", (bytes) => bytes.subarray(0, 20), "not an encrypted dump"],
    ["another file", () => Buffer.from("PGDMP".repeat(100)), "not an encrypted dump"],
  ])("after %s", async (_, damage, reason) => {
    await expect(open(damage(sealed))).rejects.toThrow(reason);
  });

  test("with another key", async () => {
    await expect(open(sealed, `${SECRET}!`)).rejects.toThrow("encrypted with another key");
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
