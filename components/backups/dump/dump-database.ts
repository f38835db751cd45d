import { createHash, randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { type ConnectionInput, withClient } from "../../connections/provider-connection";
import { replaceFile } from "../../files/files";
import { makeRecord, recordOfSnapshot } from "../make-record";
import type { DumpManifest, DumpPart } from "../plan/dump-manifest";
import { type BackupRecord, compareRecords } from "../plan/record";
import { DumpError } from "./dump-error";
import { encryption, keyIdOf } from "./encrypted-stream";
import { sign } from "./manifest-file";
import { findPostgresTools, startTool } from "./postgres-tools";

export interface DumpOptions {
  /** Where the dump and its manifest are written; made if it is missing. */
  readonly folder: string;
  /** Long and random: every dump is encrypted with a key that is derived from it. */
  readonly secret: string;
  /** True for the embedded TimescaleDB, which cannot hold a snapshot for pg_dump, nor large copies. @default false */
  readonly singleSession?: boolean;
}

export interface WrittenDump {
  /** Path of the manifest. */
  readonly file: string;
  readonly manifest: DumpManifest;
}

/**
 * Dumps a database into an encrypted file with a manifest. It is a dump when the manifest is there: after a failure
 * nothing is left. The rows of unlogged tables are left out.
 * @throws DumpError with the reason, such as a missing program or a full disk
 */
export async function dumpDatabase(
  connection: ConnectionInput,
  { folder, secret, singleSession = false }: DumpOptions,
): Promise<WrittenDump> {
  const startedAt = new Date().toISOString();
  const facts = await withClient(connection, readFacts);
  const tools = findPostgresTools(Number.parseInt(facts.postgresql, 10));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Sorted by time; two of one second differ.
  const name = `${connection.database}-${startedAt.replaceAll(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;
  const partial = join(folder, `${name}.partial`);
  const dump = (...args: readonly string[]) =>
    writeDump(tools.pgDump, connection, { partial, secret, args });
  try {
    const { part, record } = singleSession
      ? await dumpBetweenRecords(connection, dump)
      : await dumpOfSnapshot(connection, dump);
    const named: DumpPart = { ...part, file: `${name}.dump` };
    await rename(partial, join(folder, named.file));
    const manifest = sign(
      {
        format: 1,
        database: connection.database,
        ...facts,
        pgDump: tools.version,
        startedAt,
        finishedAt: new Date().toISOString(),
        bytes: named.bytes,
        parts: [named],
        record,
        keyId: keyIdOf(secret),
      },
      secret,
    );
    const file = join(folder, `${name}.json`);
    replaceFile(file, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    return { file, manifest };
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

type Written = Omit<DumpPart, "file">;

interface DumpAndRecord {
  readonly part: Written;
  readonly record: BackupRecord;
}

/** The dump and the record are of one snapshot, which a transaction holds. */
async function dumpOfSnapshot(
  connection: ConnectionInput,
  dump: (...args: readonly string[]) => Promise<Written>,
): Promise<DumpAndRecord> {
  return withClient(connection, async (client) => {
    await client.query("begin isolation level repeatable read read only");
    const { rows } = await client.query<{ id: string }>("select pg_export_snapshot() as id");
    const [part, record] = await Promise.all([
      dump(`--snapshot=${rows[0]?.id ?? ""}`),
      recordOfSnapshot(client),
    ]);
    await client.query("rollback");
    return { part, record };
  });
}

/**
 * A record before the dump and one after it: if they are the same, nothing was written in between. The rows are dumped
 * as INSERT, by a cursor: the embedded server holds the whole reply to a COPY in memory, and takes at most 64 MB by one.
 */
async function dumpBetweenRecords(
  connection: ConnectionInput,
  dump: (...args: readonly string[]) => Promise<Written>,
): Promise<DumpAndRecord> {
  const before = await withClient(connection, (client) => makeRecord(client));
  const part = await dump("--rows-per-insert=100");
  const after = await withClient(connection, (client) => makeRecord(client));
  const same = before.exact && compareRecords(before, after.tables).length === 0;
  return { part, record: { ...before, exact: same } };
}

async function writeDump(
  program: string,
  connection: ConnectionInput,
  {
    partial,
    secret,
    args,
  }: { readonly partial: string; readonly secret: string; readonly args: readonly string[] },
): Promise<Written> {
  const options = [
    "--format=custom",
    "--compress=zstd",
    "--no-password",
    "--no-unlogged-table-data",
  ];
  const { child, done } = startTool(program, [...options, ...args], connection);
  const hash = createHash("sha256");
  let bytes = 0;
  async function* measured(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  const file = createWriteStream(partial, { mode: 0o600, flags: "wx", flush: true });
  try {
    await pipeline(child.stdout, encryption(secret), measured, file);
  } catch (error) {
    child.kill();
    await done.catch(() => undefined);
    if (!isNoSpace(error)) throw error;
    throw new DumpError(`no space left for the dump at ${partial}`, { cause: error });
  }
  await done;
  return { bytes, sha256: hash.digest("hex") };
}

function isNoSpace(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOSPC";
}

async function readFacts(
  client: Client,
): Promise<Pick<DumpManifest, "postgresql" | "timescaledb" | "systemIdentifier">> {
  const { rows } = await client.query<{ server: string; extension: string | null; id: string }>(
    `select current_setting('server_version') as server,
            (select extversion from pg_extension where extname = 'timescaledb') as extension,
            (select system_identifier::text from pg_control_system()) as id`,
  );
  const [row] = rows;
  if (row === undefined) throw new DumpError("the server did not answer");
  const postgresql = row.server.split(" ")[0] ?? "";
  return { systemIdentifier: row.id, postgresql, timescaledb: row.extension };
}
