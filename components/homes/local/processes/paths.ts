/**
 * Folders of the local home. All files are reached through `<project>/.sark/local`, which version control ignores;
 * state files hold only names below it, so a clone can be moved.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  type CopySyncOptions,
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { SHARED_FOLDER, hasCode, ifThere } from "../../../files/files";
import { projectRoot } from "../../../files/project-root";
import { removeFolder } from "./private-files";
import { userOptions, type ServiceUser, serviceUser } from "./service-user";

/** Folders below the base that hold a copy of the binaries rather than a server. */
const BINARIES = /^native-/;

/** Data folder of a stack that root runs, if the service user cannot enter the project. */
export function sharedFolder(root: string): string {
  return join(SHARED_FOLDER, createHash("sha256").update(root).digest("hex").slice(0, 12));
}

/**
 * Decides where data is kept: in the project, unless the service user cannot get there, as below /root or a temporary
 * folder of mode 0700.
 */
export function chooseDataFolder(
  root: string,
  user: ServiceUser | undefined,
  canReach: (path: string) => boolean,
): { readonly base: string; readonly link: boolean } {
  const folder = join(root, ".sark");
  return user === undefined || canReach(folder)
    ? { base: join(folder, "local"), link: false }
    : { base: sharedFolder(root), link: true };
}

/** True when the user can enter and read the folder, which is tried. @param user undefined for the current user */
export function canEnter(folder: string, user: ServiceUser | undefined): boolean {
  const args = ["-c", 'cd -- "$1" && test -r .', "sh", folder];
  return (
    spawnSync("/bin/sh", args, { ...userOptions(user), cwd: "/", stdio: "ignore" }).status === 0
  );
}

/**
 * The real folder behind `<project>/.sark/local`, made when it is missing. Servers are always given real paths: the
 * service user may be unable to follow the link.
 */
function localBase(root = realpathSync(projectRoot())): string {
  const own = join(root, ".sark", "local");
  if (isLink(own) && existsSync(own)) return realpathSync(own);
  // The target of the link was deleted: make a new one.
  if (isLink(own)) rmSync(own, { force: true });
  mkdirSync(join(own, ".."), { recursive: true, mode: 0o755 });
  const user = serviceUser();
  const { base, link } = chooseDataFolder(root, user, (path) => canEnter(path, user));
  if (link) linkTo(base, own, user?.name ?? "");
  else mkdirSync(own, { recursive: true, mode: 0o755 });
  return realpathSync(own);
}

/** Makes the shared folder and the link to it. Of several processes only one succeeds. */
function linkTo(base: string, own: string, user: string): void {
  if (existsSync(own) && !isLink(own)) {
    if (readdirSync(own).length > 0) {
      throw new Error(
        `the user "${user}", as which servers of root run, cannot reach ${own}, which already ` +
          `holds data; allow it to enter the folders above (chmod o+x)`,
      );
    }
    rmdirSync(own);
  }
  const target = makeShared(base);
  try {
    symlinkSync(target, own);
  } catch (error) {
    rmdirSync(target);
    if (!existsSync(own)) throw error;
  }
}

/** Valid names of a server's folder. */
export const DIRECTORY = /^[a-z][a-z0-9_-]{0,62}$/;

/** Path of a server's folder. Makes {@link localBase}, but not the folder. */
export function serverFolder(directory: string): string {
  return join(localBase(), plainName(directory));
}

/** Folder of a restore drill, inside of the server's, so that destroy also ends what a killed drill left. */
export function drillFolder(folder: string): string {
  return join(folder, "restoring-drill");
}

/** A server's folder, if it exists. Makes nothing, so previews can call it. */
export function existingServerFolder(directory: string): string | undefined {
  const own = join(realpathSync(projectRoot()), ".sark", "local");
  const folder = join(ifThere(() => realpathSync(own)) ?? own, plainName(directory));
  return existsSync(folder) ? folder : undefined;
}

/** Name of this stack's server that a process belongs to, by the folder in its command line. */
export function serverOfCommand(command: string): string | undefined {
  const root = realpathSync(projectRoot());
  const own = join(root, ".sark", "local");
  const bases = [own, sharedFolder(root), ifThere(() => realpathSync(own)) ?? own];
  return bases
    .flatMap((base) => command.split(` ${base}/`).slice(1))
    .map((rest) => rest.split(/[/ ]/, 1)[0] ?? "")
    .find((name) => DIRECTORY.test(name));
}

/** Removes a server's folder and, after the last one, the base folder with its link and binaries. */
export function removeServerFolder(directory: string): void {
  const root = realpathSync(projectRoot());
  const base = localBase(root);
  removeFolder(serverFolder(directory));
  if (hasServerFolders(root)) return;
  removeFolder(base);
  const own = join(root, ".sark", "local");
  if (isLink(own)) {
    rmSync(own, { force: true });
    removeIfEmpty(SHARED_FOLDER);
  }
}

/** True when a server has a folder in this checkout. Makes nothing. */
export function hasServerFolders(root: string): boolean {
  const found = ifThere(() => readdirSync(join(root, ".sark", "local"))) ?? [];
  return found.some((name) => !BINARIES.test(name));
}

/**
 * Copies a file or folder below {@link localBase}, where the servers' user can read it. Several processes may do so at
 * once.
 * @param name of the copy, which begins with `native-`
 * @param options `anew`: replaces an existing copy
 * @returns its path
 */
export function copyForServiceUser(
  source: string,
  name: string,
  { anew = false, ...options }: Omit<CopySyncOptions, "recursive"> & { anew?: boolean },
): string {
  const target = join(localBase(), name);
  if (existsSync(target) && !anew) return target;
  const making = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  try {
    cpSync(source, making, { ...options, recursive: true });
    chmodSync(making, 0o755);
    renameSync(making, target);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another process may have finished first, and its copy is as good. With `anew` an older copy is not.
    if (anew || !existsSync(target)) throw error;
  }
  return target;
}

function plainName(directory: string): string {
  if (DIRECTORY.test(directory)) return directory;
  throw new Error(
    `directory "${directory}" is not a plain name (a to z first, then a to z, 0 to 9, _ and -): ` +
      `it becomes a folder below .sark/local`,
  );
}

/** Makes the shared folder, under another name if it exists. */
function makeShared(base: string): string {
  mkdirSync(SHARED_FOLDER, { recursive: true });
  chmodSync(SHARED_FOLDER, 0o755);
  // An existing folder is from a deleted clone at this path; its passwords are unknown.
  const target = existsSync(base) ? `${base}-${randomBytes(3).toString("hex")}` : base;
  try {
    mkdirSync(target);
  } catch (error) {
    // Another process was quicker.
    if (existsSync(target)) return makeShared(base);
    throw error;
  }
  chmodSync(target, 0o755);
  return target;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    // Another checkout's data is in it, or another checkout removed it.
    if (!hasCode(error, "ENOTEMPTY", "EEXIST", "ENOENT")) throw error;
  }
}
