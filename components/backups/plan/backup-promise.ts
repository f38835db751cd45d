import { compact } from "../../text/present";

/** What a home's backups of a database can keep. Known before anything exists. */
export interface HomeBackups {
  /** Days back to which a restore can go. */
  readonly days: number;
  /** Whether a restore can only reach a dump. @default - any point in time */
  readonly dumpsOnly?: boolean;
  /** Maximum minutes of writes that are lost with the server; unset without such a limit. */
  readonly lossMinutes?: number;
  /** Reason of `lossMinutes`, a clause. */
  readonly lossReason: string;
  /** Where the backups are, such as `s3://bucket/folder (eu-central-1)`. */
  readonly location: string;
  /** How they are encrypted, such as `encrypted with the bucket's key`. */
  readonly encryption: string;
  /** Who may write, read and delete them. */
  readonly writer: string;
  readonly reader: string;
  readonly deleter: string;
  /** What WAL the server keeps while archiving fails. */
  readonly walKept?: string;
}

/** The promise to the owner of the data, an output of the stack. */
export interface BackupPromise extends HomeBackups {
  /** Minutes that a restore may take. A restore drill compares its own duration. */
  readonly restoreMinutes: number;
}

/** The promise of a database in one line. */
export function promiseLine(database: string, promise: BackupPromise | undefined): string {
  if (!promise) return `Backups of ${database}: none; what is lost with its server stays lost.`;
  const { days, dumpsOnly, lossMinutes, restoreMinutes, walKept } = promise;
  const limit =
    lossMinutes === undefined ? "WAL that is not archived yet" : `last ${minutes(lossMinutes)}`;
  const points = dumpsOnly
    ? `each dump of the last ${days} days`
    : `any second of the last ${days} days but the ${limit}`;
  const parts = compact<string>(
    `${points}, back within ${minutes(restoreMinutes)}`,
    `in ${promise.location}, ${promise.encryption}`,
    accessText(promise),
    walKept !== undefined && `while archiving fails the server keeps ${walKept}`,
  );
  return `Backups of ${database}: ${parts.join("; ")}.`;
}

/** @param timeout archive_timeout in seconds; with 0, WAL is archived only when a segment of it is full */
export function archiveLoss(timeout: number): Pick<HomeBackups, "lossMinutes" | "lossReason"> {
  return timeout === 0
    ? { lossReason: "archive_timeout is 0, so a quiet server archives nothing" }
    : {
        lossMinutes: Math.ceil(timeout / 60),
        lossReason: `archive_timeout is ${timeout} s`,
      };
}

function accessText({ writer, reader, deleter }: HomeBackups): string {
  if (writer !== reader) return `written by ${writer}, read by ${reader}, deleted by ${deleter}`;
  return reader === deleter
    ? `written, read and deleted by ${writer}`
    : `written and read by ${writer}, deleted by ${deleter}`;
}

function minutes(count: number): string {
  return count === 1 ? "minute" : `${count} minutes`;
}
