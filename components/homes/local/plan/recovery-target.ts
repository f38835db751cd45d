/** The point to which a backup is restored. Pure. */
import type { BaseBackup, WalGap } from "./archived-wal";

/** Without time and LSN: the end of the archive. */
export interface RecoveryTarget {
  /** ISO time with a time zone. Transactions that committed later are left out. */
  readonly time?: string | undefined;
  readonly lsn?: string | undefined;
  /** Whether recovery stops just before the LSN. @default false */
  readonly exclusive?: boolean | undefined;
}

/** What a target is checked against. */
interface Available {
  readonly backups: readonly BaseBackup[];
  readonly newestWal: { readonly name: string; readonly time: string } | undefined;
  readonly gaps: readonly WalGap[];
}

/** The base backups from which a recovery to a time can begin, from old to new. pgBackRest compares whole seconds. */
export function fittingBackups(
  backups: readonly BaseBackup[],
  { time }: RecoveryTarget,
): readonly BaseBackup[] {
  if (time === undefined) return backups;
  return backups.filter(({ finished }) => Date.parse(finished) + 1000 <= Date.parse(time));
}

/** Why no recovery to the target is possible, with what is available; undefined if one is. */
export function targetProblem(
  { time, lsn }: RecoveryTarget,
  available: Available,
  now: Date,
): string | undefined {
  const { backups, newestWal } = available;
  const [oldest] = backups;
  const range = availableText(available);
  if (oldest === undefined || newestWal === undefined) return `there is no base backup; ${range}`;
  if (time !== undefined && !/(?:Z|[+-]\d\d:?\d\d)$/.test(time)) {
    return `the time ${time} has no time zone, such as Z for UTC; ${range}`;
  }
  const at = time === undefined ? undefined : new Date(time);
  if (at !== undefined && Number.isNaN(at.getTime()))
    return `${String(time)} is not a time; ${range}`;
  if (at !== undefined && at > now) return `the time ${String(time)} lies in the future; ${range}`;
  if (fittingBackups(backups, { time }).length === 0) {
    return `the time ${String(time)} lies before the end of the first base backup; ${range}`;
  }
  if (lsn !== undefined && !/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(lsn)) {
    return `${lsn} is not an LSN, such as 0/3000028; ${range}`;
  }
  return undefined;
}

/** What a repository holds, as the end of a sentence. */
export function availableText({ backups, newestWal, gaps }: Available): string {
  const [oldest] = backups;
  if (oldest === undefined) return "available: nothing";
  const holes = gaps.map(({ after, before }) => `, without the WAL between ${after} and ${before}`);
  return `available: ${oldest.finished} to ${newestWal?.time ?? oldest.finished}${holes.join("")}`;
}

/** Arguments of pgBackRest's restore. */
export function targetOptions({ time, lsn, exclusive = false }: RecoveryTarget): readonly string[] {
  if (time === undefined && lsn === undefined) return ["--type=default"];
  const target =
    lsn === undefined
      ? // PostgreSQL's notation, to the microsecond that the time may have.
        ["--type=time", `--target=${(time ?? "").replace("T", " ").replace(/Z$/, "+00")}`]
      : ["--type=lsn", `--target=${lsn}`];
  return [...target, "--target-action=promote", ...(exclusive ? ["--target-exclusive"] : [])];
}

/** The target in words. */
export function describeTarget({ time, lsn }: RecoveryTarget): string {
  if (time === undefined && lsn === undefined) return "the end of the archive";
  return time ?? `LSN ${String(lsn)}`;
}
