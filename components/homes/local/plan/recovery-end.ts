/** Whether a recovery used all WAL that it should have. Pure. */
import { describeTarget, type RecoveryTarget } from "./recovery-target";

/** Where a recovery ended. */
export interface RecoveryEnd {
  readonly lsn: string;
  /** The segment that contains it, or begins there. */
  readonly wal: string;
  /** Whether it is the first position of the segment: the one before was used to its end. */
  readonly atStart: boolean;
}

/**
 * Why a recovery to the end of the archive ended too early. A server takes damaged WAL for the end of the WAL. A
 * recovery to a time or LSN fails by itself in that case.
 * @param newest the newest archived segment
 * @returns undefined if it did not; not `certain` if it ended inside of the newest segment, whose last record may
 *   continue in the next one
 */
export function lostWal(
  { lsn, wal, atStart }: RecoveryEnd,
  target: RecoveryTarget,
  newest: string | undefined,
): { readonly certain: boolean; readonly problem: string } | undefined {
  if (target.time !== undefined || target.lsn !== undefined || newest === undefined)
    return undefined;
  if (wal > newest) return undefined;
  const goesOn = wal < newest ? `the archive goes on to ${newest}` : "that is the newest segment";
  return {
    certain: wal < newest || atStart,
    problem: `recovery to ${describeTarget(target)} stopped at LSN ${lsn} in ${wal}, and ${goesOn}`,
  };
}
