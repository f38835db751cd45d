/** Restores a backup into a folder of its own, as a running server beside all others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { printable } from "../../../text/printable";
import { lostWal, type RecoveryEnd } from "../plan/recovery-end";
import {
  describeTarget,
  fittingBackups,
  type RecoveryTarget,
  targetOptions,
  targetProblem,
} from "../plan/recovery-target";
import { freePort, HOST } from "../processes/ports";
import {
  type Admin,
  prepareFolder,
  runningPostgres,
  start,
  stop,
  systemIdentifier,
  writeConfiguration,
} from "../processes/postgres";
import { ensureAdminPassword, withAdmin } from "../processes/postgres-admin";
import { serverFiles } from "../processes/postgres-files";
import { logOfThisStart, postgresLogExcerpt } from "../processes/postgres-log";
import { privateFolder, removeFolder, writePrivately } from "../processes/private-files";
import { waitUntil } from "../processes/process";
import { ownerOf } from "../processes/service-user";
import { availableBackups } from "./available-backups";
import { BackupError, type Repository, runPgBackRest } from "./pgbackrest";
import { verifyBackups } from "./verify-backups";

/** A restored server. It archives nothing. */
export interface RestoredServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The server's folder: `data/` and `log/`. */
  readonly folder: string;
  readonly systemIdentifier: string;
  /** pgBackRest's name of the base backup. */
  readonly backup: string;
  /** LSN at which recovery ended. */
  readonly lsn: string;
  /** Stops the server and removes its folder. */
  readonly remove: () => Promise<void>;
}

/** How long a recovery may take: it reads all WAL since the base backup. */
const RECOVERY_TIMEOUT = 24 * 60 * 60 * 1000;

/**
 * Restores the newest fitting backup, and recovers to the target.
 * @param admin the administrator; the password is set if it was another one at the time
 * @param into a folder that must not hold a server; its parent must exist
 * @throws BackupError with the true reason, and leaves nothing behind
 */
export async function restoreBackup(
  repository: Repository,
  target: RecoveryTarget,
  admin: Admin,
  into: string,
): Promise<RestoredServer> {
  const available = await availableBackups(repository);
  const problem = targetProblem(target, available, new Date());
  if (problem !== undefined) throw nothingRestored([problem]);
  const remove = async (): Promise<void> => {
    await stop(into);
    removeFolder(into);
  };
  await remove();
  try {
    const { data } = prepareFolder(into);
    privateFolder(data, ownerOf(into));
    await runPgBackRest(repository, "restore", {
      options: [`--pg1-path=${data}`, ...targetOptions(target)],
    });
    const port = await freePort();
    await recover(repository, target, into, port);
    endRecovery(into);
    await ensureAdminPassword(into, admin, undefined);
    const end = await withAdmin(into, admin, readEnd);
    const lost = lostWal(end, target, available.newestWal?.name);
    const found = lost === undefined ? [] : await verifyBackups(repository);
    if (lost !== undefined && (lost.certain || found.length > 0)) {
      throw nothingRestored([lost.problem, ...found]);
    }
    return {
      ...{ host: HOST, port, ...admin, folder: into, lsn: end.lsn, remove },
      systemIdentifier: systemIdentifier(into),
      backup: fittingBackups(available.backups, target).at(-1)?.label ?? "",
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Starts the restored files, which recovers them, and waits until the server is a primary. */
async function recover(
  repository: Repository,
  target: RecoveryTarget,
  into: string,
  port: number,
): Promise<void> {
  writeConfiguration(into, {
    port,
    clusterName: "restored",
    preload: [],
    // As a hot stand-by it would refuse to recover with fewer connections than the server had.
    parameters: { restart: { hot_standby: "off", archive_mode: "off" }, reload: {} },
  });
  const files = serverFiles(into);
  await start(into, RECOVERY_TIMEOUT);
  // Until it has recovered it answers, and refuses sessions.
  const state = () => runningPostgres(into)?.status;
  await waitUntil(() => state() === "ready" || state() === undefined, RECOVERY_TIMEOUT, 100);
  if (state() === "ready") return;
  if (!logOfThisStart(files).includes("recovery ended before configured recovery target")) {
    throw new BackupError(`the recovery failed${postgresLogExcerpt(files)}`, undefined);
  }
  throw nothingRestored([
    `the archive ends before ${describeTarget(target)}, or a part of it is missing or damaged`,
    ...(await verifyBackups(repository)),
  ]);
}

function nothingRestored(problems: readonly string[]): BackupError {
  const text = problems.map((each) => printable(each)).join("; ");
  return new BackupError(`nothing was restored: ${text}`, undefined);
}

/** Removes pgBackRest's settings of this recovery: a later stand-by of this data would obey them. */
function endRecovery(into: string): void {
  const file = join(serverFiles(into).data, "postgresql.auto.conf");
  const lines = readFileSync(file, "utf8").split("\n");
  const kept = lines.filter(
    (line) => !/^(?:restore_command|recovery_target\w*) |^# Recovery settings/.test(line),
  );
  writePrivately(file, kept.join("\n"), ownerOf(into));
}

/** Where the recovery ended, from the history of the timeline that it began. */
async function readEnd(client: Client): Promise<RecoveryEnd> {
  const { rows } = await client.query<RecoveryEnd>(
    `with current as (
       select lpad(upper(to_hex(timeline_id)), 8, '0') as timeline from pg_control_checkpoint()
     ), history as (
       select split_part(line, E'\\t', 1)::int as timeline, split_part(line, E'\\t', 2)::pg_lsn as lsn
       from current,
            regexp_split_to_table(pg_read_file('pg_wal/' || timeline || '.history'), E'\\n') as line
       where line ~ '^\\d+\\t'
     )
     select lsn::text, lpad(upper(to_hex(timeline)), 8, '0') || substr(pg_walfile_name(lsn), 9) as wal,
            (pg_walfile_name_offset(lsn)).file_offset = 0 as "atStart"
     from history
     order by lsn desc
     limit 1`,
  );
  const [end] = rows;
  if (end === undefined) throw new Error("the restored server has no history of its recovery");
  return end;
}
