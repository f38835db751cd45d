/** Checks of this machine before anything is backed up. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { projectRoot } from "../../../files/project-root";
import { settingKey } from "../../../settings/plan/setting-key";
import { quoted } from "../../../text/printable";
import type { Problem } from "../../../text/problem";
import { privateFolder } from "../processes/private-files";
import { canEnter } from "../processes/paths";
import { serviceUser, type ServiceUser, userOptions } from "../processes/service-user";
import { findPgBackRest, MISSING } from "./find-pgbackrest";

/** Problems of the backups' folder, and of the program that `npm run up` installs before it changes anything. */
export function backupMachineProblems({
  folder,
  bucket,
}: {
  readonly folder?: string | undefined;
  readonly bucket?: object | undefined;
}): readonly Problem[] {
  if (folder === undefined && bucket === undefined) return [];
  const missing = !pulumi.runtime.isDryRun() && findPgBackRest() === undefined;
  return [
    ...(folder === undefined ? [] : folderProblem(folder)),
    ...(missing
      ? [
          {
            key: settingKey(["backups"]),
            value: "no program",
            allowed: "nothing, until pgBackRest is installed: npm run up does so on Debian",
            why: MISSING,
          },
        ]
      : []),
  ];
}

/** Why the servers' user cannot keep backups in the folder. Makes nothing. */
function folderProblem(folder: string, root = projectRoot()): readonly Problem[] {
  const problem = (allowed: string, why: string): readonly Problem[] => [
    { key: settingKey(["backups", "folder"]), value: quoted(folder, 200), allowed, why },
  ];
  const local = join(realpathSync(root), ".sark", "local");
  const real = realOf(folder);
  if ([local, realOf(local)].some((each) => `${real}${sep}`.startsWith(`${each}${sep}`))) {
    return problem("a folder outside of .sark/local", "destroy removes everything in .sark/local");
  }
  const user = serviceUser();
  const name = user?.name ?? "this user";
  const existing = nearest(folder);
  const writable = existing === folder ? canWrite(folder, user) : canEnter(existing, user);
  // A new folder is made by this process, and given to the servers' user.
  if (writable && (existing === folder || canWrite(existing, undefined))) return [];
  return problem(
    "a folder that the servers' user may write",
    `${quoted(existing, 200)} is not open to the user ${quoted(name)}, as which the server archives its WAL`,
  );
}

/** Makes the folder for the servers' user, if it does not exist. */
export function makeBackupFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  privateFolder(folder, serviceUser());
}

function canWrite(folder: string, user: ServiceUser | undefined): boolean {
  const args = ["-c", 'cd -- "$1" && test -w .', "sh", folder];
  return (
    spawnSync("/bin/sh", args, { ...userOptions(user), cwd: "/", stdio: "ignore" }).status === 0
  );
}

/** The path, or the nearest folder above that exists. */
export function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

/** The path without links, as far as it exists. */
function realOf(path: string): string {
  const existing = nearest(path);
  return join(realpathSync(existing), path.slice(existing.length));
}
