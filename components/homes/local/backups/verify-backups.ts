/** Reads the whole repository, and compares every file with its checksum. */
import { availableBackups } from "./available-backups";
import { type Repository, runPgBackRest } from "./pgbackrest";

/**
 * Problems of the backups and of the archived WAL, a sentence each.
 * @throws BackupError if the repository cannot be read
 */
export async function verifyBackups(repository: Repository): Promise<readonly string[]> {
  // Also fails for damaged lists of backups, about which `verify` says nothing.
  const { gaps } = await availableBackups(repository);
  const report = await runPgBackRest(repository, "verify", { options: ["--output=text"] });
  const lines = report.split("\n").map((line) => line.trim());
  return [
    ...gaps.map(({ after, before }) => `WAL is missing between ${after} and ${before}`),
    ...lines.filter((line) => line !== "" && !/^(?:stanza|status):/.test(line)),
  ];
}
