/** Finds pgBackRest, and makes it usable for the servers' user. */
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { BACKUP_TOOLS } from "../../../backups/backup-tools";
import { projectRoot } from "../../../files/project-root";
import { copyForServiceUser } from "../processes/paths";
import { type ServiceUser, userOptions } from "../processes/service-user";

/** Why there are no backups without it. */
export const MISSING = "pgBackRest 2.60 or later is not installed, so nothing would be backed up";

/** The first version that can fail a backup with damaged pages. PostgreSQL 18 needs 2.56. */
const LEAST = [2, 60] as const;

/** Path of pgBackRest; undefined if it is missing or too old. */
export function findPgBackRest(): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    join(projectRoot(), BACKUP_TOOLS),
  ];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "pgbackrest"))
    .find((path) => isRecent(path, undefined));
}

/**
 * Path of pgBackRest for the servers' user: where it is, or a copy beside the data.
 * @throws Error if it is missing or too old
 */
export function pgBackRestFor(user: ServiceUser | undefined): string {
  const found = findPgBackRest();
  if (found === undefined) throw new Error(`${MISSING}: install it, or unset the setting backups`);
  if (isRecent(found, user)) return found;
  return join(
    copyForServiceUser(join(found, ".."), "native-pgbackrest", { verbatimSymlinks: true }),
    "pgbackrest",
  );
}

function isRecent(path: string, user: ServiceUser | undefined): boolean {
  const { stdout, status } = spawnSync(path, ["version"], {
    ...userOptions(user),
    cwd: "/",
    encoding: "utf8",
    timeout: 10_000,
  });
  const [, major = 0, minor = 0] = (/^pgBackRest (\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  return status === 0 && (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]));
}
