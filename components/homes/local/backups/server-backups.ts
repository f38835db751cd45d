/** Sets up the backups of a server, and makes base backups. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { printable } from "../../../text/printable";
import type { BaseBackup } from "../plan/archived-wal";
import { OTHER_SERVER } from "../plan/backup-errors";
import {
  type BackupOptions,
  renderBackupConfig,
  stanzaName,
  storeName,
} from "../plan/pgbackrest-config";
import { type Admin, runningPostgres } from "../processes/postgres";
import { withAdmin } from "../processes/postgres-admin";
import { renderPassfile, socketFolder } from "../processes/postgres-config";
import { existingServerFolder } from "../processes/paths";
import { servedGeneration, serverFiles } from "../processes/postgres-files";
import { readIfThere, writePrivately } from "../processes/private-files";
import { waitUntil } from "../processes/process";
import { ownerOf } from "../processes/service-user";
import { readStanza } from "./available-backups";
import {
  backupConfig,
  BackupError,
  type Repository,
  repositoryOf,
  runPgBackRest,
} from "./pgbackrest";

/** Writes the configuration of the backups that the served generation of a server makes. */
export function writeBackupConfig(
  folder: string,
  stanza: string,
  port: number,
  user: string,
  options: BackupOptions,
): Repository {
  const server = {
    ...{ stanza, port, user, data: serverFiles(folder).data },
    socketFolder: socketFolder(folder) ?? "",
    ownFolder: join(folder, "pgbackrest"),
  };
  writePrivately(backupConfig(folder), renderBackupConfig(options, server), ownerOf(folder));
  return repositoryOf(folder, stanza);
}

/** Remembers the configuration; the returned function restores it, so that a failed change changes nothing. */
export function keepBackupConfig(folder: string): (archives: boolean) => void {
  const text = readIfThere(backupConfig(folder));
  return (archives) => {
    if (text !== undefined) writePrivately(backupConfig(folder), text, ownerOf(folder));
    else if (!archives) removeBackupConfig(folder);
  };
}

export function removeBackupConfig(folder: string): void {
  rmSync(backupConfig(folder), { force: true });
}

/** The server's archive_command. pgBackRest never overwrites a segment with another content. */
export function archiveCommand({ program, config, stanza }: Repository): string {
  return `${shellWord(program)} ${shellWord(`--config=${config}`)} --stanza=${stanza} archive-push %p`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Makes the server's part of the repository, unless it is there.
 * @throws BackupError if it is there and belongs to another server
 */
export async function ensureStanza(repository: Repository, options: BackupOptions): Promise<void> {
  try {
    // Reads the identifier of the data. The server need not run, and needs no archive yet.
    await runPgBackRest(repository, "stanza-create", { options: ["--no-online"] });
  } catch (error) {
    if (!(error instanceof BackupError) || error.code !== OTHER_SERVER) throw error;
    throw new BackupError(otherServer(storeName(options.store), repository.stanza), error.code);
  }
}

export function otherServer(store: string, stanza: string): string {
  return (
    `${printable(store)} holds backups of another server as ${stanza}: its system identifier is not this server's. ` +
    "Backups of two servers must not mix: use another folder or bucket path"
  );
}

/**
 * The repository that a server's served generation archives to.
 * @param directory the server's, which is also its database's name
 * @throws BackupError if it has no backups
 */
export function servedRepository(directory: string): Repository {
  const folder = existingServerFolder(directory);
  if (folder === undefined || !existsSync(backupConfig(folder))) {
    throw new BackupError(
      `${directory} has no backups: set sark-databases:backups.folder or backups.bucket, and run \`npm run up\``,
      undefined,
    );
  }
  return repositoryOf(folder, stanzaName(directory, servedGeneration(folder)));
}

/** Makes a full base backup of the running server. @param admin connects through the server's socket */
export async function makeBaseBackup(
  folder: string,
  repository: Repository,
  admin: Admin,
): Promise<BaseBackup> {
  const port = runningPostgres(folder)?.port;
  if (port === undefined)
    throw new BackupError("the server does not run, so no backup was made", undefined);
  const passfile = join(folder, `pgbackrest-${process.pid}.password`);
  try {
    const line = renderPassfile("*", port, admin.user, admin.password);
    writePrivately(passfile, line, ownerOf(folder));
    await runPgBackRest(repository, "backup", { options: ["--type=full"], passfile });
  } finally {
    rmSync(passfile, { force: true });
  }
  const made = (await readStanza(repository)).backups.at(-1);
  if (made === undefined)
    throw new BackupError("the repository does not list the backup", undefined);
  return made;
}

/** Makes the first base backup, unless the repository has one. */
export async function ensureBaseBackup(
  folder: string,
  repository: Repository,
  admin: Admin,
): Promise<void> {
  const { backups } = await readStanza(repository);
  if (backups.length === 0) await makeBaseBackup(folder, repository, admin);
}

/**
 * Archives everything that is committed so far, and a commit after it: a recovery to a time needs one that is later.
 * @throws BackupError if the segment is not archived within a minute
 */
export async function archiveNow(folder: string, admin: Admin): Promise<void> {
  await withAdmin(folder, admin, async (client) => {
    await client.query("select pg_current_xact_id()");
    const { rows } = await client.query<{ wal: string }>(
      "select pg_walfile_name(pg_switch_wal()) as wal",
    );
    const archived = await waitUntil(async () => {
      const { rowCount } = await client.query(
        "select from pg_stat_archiver where last_archived_wal >= $1",
        [rows[0]?.wal],
      );
      return rowCount === 1;
    }, 60_000);
    if (archived) return;
    throw new BackupError(
      "the server's newest WAL was not archived within 60 s; its log has the reason",
      undefined,
    );
  });
}
