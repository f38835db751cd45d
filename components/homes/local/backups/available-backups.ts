/** What a repository holds: base backups, archived WAL, and the gaps in it. */
import { join } from "node:path";
import {
  type ArchivedSegment,
  type BaseBackup,
  readInfo,
  readSegments,
  type Stanza,
  type WalGap,
  walGaps,
} from "../plan/archived-wal";
import { BackupError, type Repository, runPgBackRest } from "./pgbackrest";

export interface AvailableBackups {
  readonly systemIdentifier: string | undefined;
  /** From old to new. */
  readonly backups: readonly BaseBackup[];
  /** First time to which a recovery is possible: the end of the oldest backup. */
  readonly oldest: string | undefined;
  /** The newest archived segment. */
  readonly newestWal: ArchivedSegment | undefined;
  readonly gaps: readonly WalGap[];
}

/** @throws BackupError if the repository cannot be read */
export async function availableBackups(repository: Repository): Promise<AvailableBackups> {
  const stanza = await readStanza(repository);
  const { backups, archive } = stanza;
  const segments =
    archive === undefined
      ? []
      : readSegments(
          await runPgBackRest(repository, "repo-ls", {
            options: ["--recurse", "--output=json"],
            args: [join("archive", repository.stanza, archive)],
          }),
        );
  return {
    systemIdentifier: stanza.systemIdentifier,
    backups,
    oldest: backups[0]?.finished,
    newestWal: segments.at(-1),
    gaps: walGaps(segments, backups[0]?.firstWal ?? ""),
  };
}

/** @throws BackupError if the repository cannot be read */
export async function readStanza(repository: Repository): Promise<Stanza> {
  const stanza = readInfo(await runPgBackRest(repository, "info", { options: ["--output=json"] }));
  if (stanza.problem === undefined) return stanza;
  throw new BackupError(`the backups cannot be read: ${stanza.problem}`, undefined);
}
