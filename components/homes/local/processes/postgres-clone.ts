/**
 * Copies a running primary's data by the low-level backup interface: the embedded PostgreSQL has no pg_basebackup. It
 * copies and skips the same files as pg_basebackup.
 */
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
} from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { ifThere } from "../../../files/files";
import { removeFolder, syncFolder, writePrivately } from "./private-files";
import { type Admin, prepareFolder, stop } from "./postgres";
import { serverFiles } from "./postgres-files";
import { withAdmin } from "./postgres-admin";
import { waitUntil } from "./process";
import { ownerOf, type ServiceUser } from "./service-user";

/** Folders that are copied empty: each start rebuilds their content, or replication brings it. */
const EMPTIED = new Set([
  "pg_dynshmem",
  "pg_notify",
  "pg_replslot",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_wal",
]);

/** Files of the running primary that are not copied. `sark.conf` and the like are written afterwards. */
const SKIPPED =
  /^(postmaster\.(pid|opts)|backup_label|tablespace_map|current_logfiles|pg_internal\.init.*|postgresql\.auto\.conf\.tmp|pgsql_tmp.*)$/;

export interface CloneSource {
  /** The primary's folder. */
  readonly folder: string;
  readonly admin: Admin;
  /** Replication slot that retains the WAL that the copy needs. */
  readonly slot: string;
}

/**
 * Stops a replica and replaces its data by a copy of the primary, ready to be configured. WAL that is written meanwhile
 * comes through the slot.
 */
export async function clonePrimary(source: CloneSource, target: string): Promise<void> {
  await stop(target);
  const files = prepareFolder(target);
  const user = ownerOf(target);
  const making = join(target, "making-clone");
  removeFolder(making);
  await withAdmin(source.folder, source.admin, async (client) => {
    await dropSlot(client, source.slot);
    // "fast" writes a checkpoint at once instead of over minutes. Made after it, the slot retains WAL from that
    // checkpoint on, where the copy begins, and not from an older one.
    await client.query("select pg_backup_start($1, fast => true)", [source.slot]);
    await client.query("select pg_create_physical_replication_slot($1, true)", [source.slot]);
    copyFolder(serverFiles(source.folder).data, making, user);
    const { rows } = await client.query<{ labelfile: string; spcmapfile: string }>(
      "select labelfile, spcmapfile from pg_backup_stop(wait_for_archive => false)",
    );
    const [end] = rows;
    if (end === undefined || end.spcmapfile.trim() !== "") {
      throw new Error(
        "the primary has tablespaces outside of its data directory, which a replica on the same " +
          "machine would share with it; drop them or set sark.replicas to 0",
      );
    }
    writePrivately(join(making, "backup_label"), end.labelfile, user);
  });
  // ALTER SYSTEM settings of the primary are not meant for the replica.
  writePrivately(join(making, "postgresql.auto.conf"), "", user);
  writePrivately(join(making, "standby.signal"), "", user);
  removeFolder(files.data);
  renameSync(making, files.data);
  syncFolder(target);
}

/** Drops the slot if it exists, and ends the connection that still uses it: that of a removed replica. */
export async function dropSlot(client: Client, slot: string): Promise<void> {
  const dropped = await waitUntil(async () => {
    const { rows } = await client.query<{ pid: number | null }>(
      "select active_pid as pid from pg_replication_slots where slot_name = $1",
      [slot],
    );
    const [found] = rows;
    if (found === undefined) return true;
    if (found.pid === null) await client.query("select pg_drop_replication_slot($1)", [slot]);
    else await client.query("select pg_terminate_backend($1)", [found.pid]);
    return false;
  }, 10_000);
  if (!dropped) throw new Error(`replication slot "${slot}" is in use and cannot be dropped`);
}

export function copyFolder(from: string, to: string, user: ServiceUser | undefined): void {
  const names = ifThere(() => readdirSync(from));
  // A database or table was dropped during the copy; replay of the WAL drops it, too.
  if (names === undefined) return;
  mkdirSync(to, { mode: 0o700 });
  own(to, user);
  for (const name of names) {
    if (SKIPPED.test(name)) continue;
    const source = join(from, name);
    const target = join(to, name);
    const kind = lstatSync(source, { throwIfNoEntry: false });
    if (kind === undefined) continue;
    if (kind.isDirectory()) {
      if (EMPTIED.has(name)) makeEmpty(target, name, user);
      else copyFolder(source, target, user);
    } else if (kind.isFile()) {
      copyFile(source, target, user);
    }
  }
}

function makeEmpty(folder: string, name: string, user: ServiceUser | undefined): void {
  const inner = name === "pg_wal" ? ["archive_status", "summaries"] : [];
  for (const path of [folder, ...inner.map((each) => join(folder, each))]) {
    mkdirSync(path, { mode: 0o700 });
    own(path, user);
  }
}

function copyFile(source: string, target: string, user: ServiceUser | undefined): void {
  try {
    // Shares the blocks where the file system can.
    copyFileSync(source, target, constants.COPYFILE_FICLONE);
  } catch (error) {
    if (lstatSync(source, { throwIfNoEntry: false }) === undefined) return;
    throw error;
  }
  chmodSync(target, 0o600);
  own(target, user);
}

function own(path: string, user: ServiceUser | undefined): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}
