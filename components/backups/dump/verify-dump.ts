import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ConnectionInput } from "../../connections/provider-connection";
import type { DumpManifest } from "../plan/dump-manifest";
import { DumpError } from "./dump-error";
import { decryption } from "./encrypted-stream";
import { readManifest } from "./manifest-file";
import { findPostgresTools, startTool } from "./postgres-tools";

export interface ReadOptions {
  /** The secret that the dump was made with. */
  readonly secret: string;
  /** The database that the dump must be of. */
  readonly database: string;
  /** The server that it must be of. @default any */
  readonly systemIdentifier?: string;
}

/**
 * Reads a dump from end to end: its manifest, checksums, encryption, and the archive itself by pg_restore.
 * @param file path of the manifest
 * @throws DumpError with the reason why it cannot be restored
 */
export async function verifyDump(file: string, options: ReadOptions): Promise<DumpManifest> {
  const manifest = await checkManifest(file, options);
  // Unpacks every row, and writes the SQL to nowhere.
  await unpack(file, manifest, options.secret, ["--file=/dev/null"]);
  return manifest;
}

/** Checks what can be checked without unpacking. */
export async function checkManifest(
  file: string,
  { secret, database, systemIdentifier }: ReadOptions,
): Promise<DumpManifest> {
  const manifest = readManifest(file, secret);
  if (manifest.database !== database) {
    throw new DumpError(
      `${file}: the dump is of the database ${manifest.database}, not of ${database}`,
    );
  }
  if (systemIdentifier !== undefined && manifest.systemIdentifier !== systemIdentifier) {
    throw new DumpError(
      `${file}: the dump is of the server ${manifest.systemIdentifier}, not of ${systemIdentifier}`,
    );
  }
  for (const part of manifest.parts) {
    const path = join(dirname(file), part.file);
    const found = statSync(path, { throwIfNoEntry: false })?.size;
    if (found === undefined) throw new DumpError(`${path}: the file is missing`);
    if (found < part.bytes)
      throw new DumpError(`${path}: the file is cut: ${found} of ${part.bytes} bytes`);
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    if (found > part.bytes || hash.digest("hex") !== part.sha256) {
      throw new DumpError(`${path}: the file is not as it was written: its SHA-256 differs`);
    }
  }
  return manifest;
}

/** Decrypts a dump into pg_restore. */
export async function unpack(
  file: string,
  { parts, pgDump }: DumpManifest,
  secret: string,
  args: readonly string[],
  connection?: ConnectionInput,
): Promise<void> {
  const { pgRestore } = findPostgresTools(Number.parseInt(pgDump, 10));
  const { child, done } = startTool(pgRestore, args, connection);
  child.stdout.resume();
  try {
    await pipeline(() => readParts(file, parts), decryption(secret), child.stdin);
  } catch (error) {
    child.kill();
    // A program that ended early tells more than its closed input.
    if (!(error instanceof DumpError)) await done;
    throw error;
  }
  await done;
}

async function* readParts(file: string, parts: DumpManifest["parts"]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    // A stream of bytes has buffers.
    yield* createReadStream(join(dirname(file), part.file)) as AsyncIterable<Buffer>;
  }
}
