/** Finds, starts and stops PgBouncer. */
import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  truncateLargeLogs,
  lastLines,
  privateFolder,
  readIfThere,
  writePrivately,
} from "./private-files";
import { isAnsweringOn } from "./ports";
import { endProcess, processState, spawnDetached, waitUntil } from "./process";
import { userOptions, ownerOf, serviceUser } from "./service-user";
import { logExcerpt } from "./log-excerpt";

export interface PgBouncerProgram {
  readonly path: string;
  /** Such as "1.18.0". */
  readonly version: string;
}

/** Install folders of packages outside of the PATH: Debian in sbin, Homebrew in its own folder. */
const FOLDERS = [
  "/usr/sbin",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/opt/homebrew/bin",
  "/opt/homebrew/opt/pgbouncer/bin",
  "/usr/local/opt/pgbouncer/bin",
];

/** The installed PgBouncer; undefined if none runs. */
export function findPgBouncer(): PgBouncerProgram | undefined {
  for (const folder of [...(process.env["PATH"] ?? "").split(delimiter), ...FOLDERS]) {
    const path = join(folder, "pgbouncer");
    if (folder === "" || !isExecutable(path)) continue;
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    const version = /PgBouncer (\d+\.\d+(?:\.\d+)?)/i.exec(stdout)?.[1];
    if (version !== undefined) return { path, version };
  }
  return undefined;
}

/** Files of one PgBouncer. */
export interface PgBouncerFiles {
  readonly ini: string;
  readonly userlist: string;
  /** Written by PgBouncer itself, because the command that starts it may be killed. */
  readonly pid: string;
  readonly log: string;
}

export function pgbouncerFiles(folder: string): PgBouncerFiles {
  return {
    ini: join(folder, "pgbouncer.ini"),
    userlist: join(folder, "userlist.txt"),
    pid: join(folder, "server.pid"),
    log: join(folder, "log", "pgbouncer.log"),
  };
}

/** Writes both files, readable by their owner only, because they hold secrets. */
export function writePgBouncerFiles(folder: string, ini: string, userlist: string): void {
  const user = ownerOf(folder) ?? serviceUser();
  privateFolder(folder, user);
  privateFolder(join(folder, "log"), user);
  writePrivately(pgbouncerFiles(folder).ini, ini, user);
  writePrivately(pgbouncerFiles(folder).userlist, userlist, user);
}

/** The PgBouncer of this folder, if it runs. `frozen`: stopped by a signal. */
export function runningPgBouncer(
  folder: string,
): { readonly pid: number; readonly frozen: boolean } | undefined {
  const pid = Number(readIfThere(pgbouncerFiles(folder).pid) ?? 0);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const state = processState(pid);
  return state?.command.endsWith(`pgbouncer ${pgbouncerFiles(folder).ini}`) === true
    ? { pid, frozen: state.frozen }
    : undefined;
}

/** Starts PgBouncer with the files of its folder, and waits until it takes connections. */
export async function startPgBouncer(
  folder: string,
  program: PgBouncerProgram,
  port: number,
  openFiles: number,
): Promise<void> {
  const { ini, log, pid: pidFile } = pgbouncerFiles(folder);
  const user = ownerOf(folder);
  truncateLargeLogs(join(folder, "log"));
  // PgBouncer would take a recycled pid in it for a running instance.
  rmSync(pidFile, { force: true });
  const pid = await spawnDetached({
    // Only a shell can set the limit. Its script is fixed, and the values are arguments.
    command: "/bin/sh",
    args: ["-c", 'ulimit -n "$3" && exec "$1" "$2"', "sh", program.path, ini, String(openFiles)],
    cwd: folder,
    log,
    user,
  });
  const up = await waitUntil(
    async () =>
      processState(pid) === undefined ||
      (runningPgBouncer(folder)?.pid === pid && (await isAnsweringOn(port))),
    15_000,
  );
  if (up && runningPgBouncer(folder) !== undefined) return;
  throw new Error(
    `PgBouncer ${program.version} ${up ? "exited during start-up" : "accepted no connection within 15 s"}` +
      logExcerpt(folder, lastLines(log, 100)),
  );
}

/** Reloads its files; clients stay connected. */
export function reloadPgBouncer(folder: string): void {
  const running = runningPgBouncer(folder);
  if (running !== undefined) process.kill(running.pid, "SIGHUP");
}

/** Stops it at once: since 1.23 a SIGTERM would wait for the last client. */
export async function stopPgBouncer(folder: string): Promise<void> {
  await endProcess(
    () => runningPgBouncer(folder)?.pid,
    [
      { signal: "SIGQUIT", milliseconds: 5000 },
      { signal: "SIGKILL", milliseconds: 5000 },
    ],
  );
}

/**
 * Limit of open files to start with: the wanted number, or what the machine allows if that is enough.
 * @throws when the machine allows fewer than are needed: PgBouncer would accept clients up to the limit and leave the
 *   others waiting without an error.
 */
export function openFileLimit(wanted: number, needed: number, allowed = hardLimit()): number {
  if (allowed >= Math.max(wanted, needed)) return Math.max(wanted, needed);
  if (allowed >= needed) return allowed;
  throw new Error(
    `PgBouncer needs ${needed} open files for its clients and servers, but this machine allows ` +
      `${allowed} (ulimit -Hn); raise that limit, or lower pool.maxClientConnections`,
  );
}

function hardLimit(): number {
  const text = execFileSync("/bin/sh", ["-c", "ulimit -Hn"], {
    ...userOptions(serviceUser()),
    cwd: "/",
    encoding: "utf8",
  });
  return text.trim() === "unlimited" ? Infinity : Number(text);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
