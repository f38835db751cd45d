/**
 * The system user that PostgreSQL and PgBouncer run as when root runs the command. Servers must not run as root: a
 * superuser of the database could then write any file of the machine.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { statSync } from "node:fs";

/** A user of the operating system, by name and numbers. */
export interface ServiceUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The name that PostgreSQL's packages use; an existing user is left as it is. */
const NAME = "postgres";

/** True when the process may become any user. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * The user that servers run as: undefined for a normal user (servers run as that user), for root the system user
 * `postgres`, which is created when it is missing.
 * @throws when root can neither find nor create it.
 */
export function serviceUser(): ServiceUser | undefined {
  if (!isRoot()) return undefined;
  const found = lookUp(NAME) ?? (create(NAME), lookUp(NAME));
  if (found === undefined) {
    throw new Error(
      `PostgreSQL refuses to run as root, and the system user "${NAME}" could not be created ` +
        `with useradd or adduser; create it, or run as a normal user`,
    );
  }
  return found;
}

/**
 * The owner of `path`, if root has to act as that user. Undefined for a normal user, and for a path that root owns or
 * that is missing. So the data of a normal user stays theirs when root runs the command.
 */
export function ownerOf(path: string): ServiceUser | undefined {
  if (!isRoot()) return undefined;
  const { uid, gid } = statSync(path, { throwIfNoEntry: false }) ?? { uid: 0, gid: 0 };
  return uid === 0 ? undefined : { name: String(uid), uid, gid };
}

/** Options for spawn that change to the user; none for a normal user. */
export function userOptions(user: ServiceUser | undefined): { uid?: number; gid?: number } {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

function lookUp(name: string): ServiceUser | undefined {
  const number = (option: string): number | undefined => {
    const { status, stdout } = spawnSync("id", [option, name], { encoding: "utf8" });
    const value = Number(stdout);
    return status === 0 && Number.isInteger(value) ? value : undefined;
  };
  const uid = number("-u");
  const gid = number("-g");
  return uid === undefined || gid === undefined ? undefined : { name, uid, gid };
}

function create(name: string): void {
  const shadow = ["--system", "--user-group", "--no-create-home", "--shell", "/bin/sh", name];
  const busybox = ["-S", "-D", "-H", "-s", "/bin/sh", name];
  for (const [command, args] of [
    ["useradd", shadow],
    ["adduser", busybox],
  ] as const) {
    try {
      execFileSync(command, args, { stdio: "ignore" });
      return;
    } catch {
      // Another process may have created it; the look-up that follows decides.
    }
  }
}
