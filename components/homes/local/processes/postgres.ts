/** Creates, starts and stops PostgreSQL servers, each in its own folder. */
import { execFile } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ifThere } from "../../../files/files";
import { postgresBinaries } from "./binaries";
import {
  truncateLargeLogs,
  privateFolder,
  readIfThere,
  removeFolder,
  syncFolder,
  writePrivately,
} from "./private-files";
import { isAnsweringOn } from "./ports";
import { type ServerFiles, serverFiles } from "./postgres-files";
import { lastStart, logOfThisStart, postgresLogExcerpt } from "./postgres-log";
import {
  renderConfiguration,
  renderHba,
  type ServerConfiguration,
  socketFolder,
} from "./postgres-config";
import { endProcess, processState, spawnDetached, waitUntil } from "./process";
import { userOptions, ownerOf, serviceUser } from "./service-user";

const run = promisify(execFile);

/** A running server, whether or not it answers. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** As in its pid file: "starting", "ready", "standby" (a replica that takes queries) or "stopping". */
  readonly status: string;
}

/** Superuser of a new cluster. */
export interface Admin {
  readonly user: string;
  readonly password: string;
}

/** True when the folder holds a complete cluster: it is renamed to its place only when complete. */
export function hasCluster(folder: string): boolean {
  return existsSync(join(serverFiles(folder).data, "PG_VERSION"));
}

/** The cluster's identity, from its control file: 64 bits in the machine's order. */
export function systemIdentifier(folder: string): string {
  const file = openSync(join(serverFiles(folder).data, "global", "pg_control"), "r");
  try {
    const bytes = Buffer.alloc(8);
    readSync(file, bytes, 0, 8, 0);
    return bytes.readBigUInt64LE().toString();
  } finally {
    closeSync(file);
  }
}

/** Makes the server's folder. Returns its files. */
export function prepareFolder(folder: string): ServerFiles {
  const files = serverFiles(folder);
  const user = ownerOf(folder) ?? serviceUser();
  privateFolder(folder, user);
  privateFolder(files.logs, user);
  return files;
}

/**
 * Makes a cluster with data checksums unless the folder has one. It is built under another name and renamed when
 * complete, so a kill at any moment leaves no cluster or a complete one.
 *
 * The collation is PostgreSQL's builtin C.UTF-8: the same on every platform, and independent of the C library, whose
 * upgrades silently corrupt indexes of other collations.
 */
export async function initialise(folder: string, admin: Admin): Promise<void> {
  const { data } = prepareFolder(folder);
  if (hasCluster(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith("making-")) removeFolder(join(folder, name));
  }
  const user = ownerOf(folder);
  const making = join(folder, `making-${process.pid}`);
  const passwordFile = join(folder, `making-${process.pid}.password`);
  try {
    writePrivately(passwordFile, admin.password, user);
    await run(
      postgresBinaries().initdb,
      [
        `--pgdata=${making}`,
        `--username=${admin.user}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
      ],
      {
        ...userOptions(user),
        cwd: folder,
        // initdb takes the time zone of the configuration from here.
        env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      },
    );
    appendFileSync(join(making, "postgresql.conf"), "\ninclude = 'sark.conf'\n");
    writePrivately(join(making, "sark.conf"), "", user);
    writePrivately(join(making, "pg_hba.conf"), renderHba(), user);
    renameSync(making, data);
    syncFolder(folder);
  } finally {
    rmSync(passwordFile, { force: true });
    removeFolder(making);
  }
}

/** The configuration of one server, without its socket folder, which follows from its own folder. */
export type Configuration = Omit<ServerConfiguration, "socketFolder">;

/** Writes `sark.conf` and `pg_hba.conf`; a running server uses them after a reload. */
export function writeConfiguration(folder: string, configuration: Configuration): void {
  const { data } = serverFiles(folder);
  const user = ownerOf(folder);
  const text = renderConfiguration({ ...configuration, socketFolder: socketFolder(folder) });
  writePrivately(join(data, "sark.conf"), text, user);
  writePrivately(join(data, "pg_hba.conf"), renderHba(), user);
}

/** The server of this folder, if it runs: its pid file names a process that serves this data. */
export function runningPostgres(folder: string): RunningServer | undefined {
  const { data } = serverFiles(folder);
  const lines = (readIfThere(join(data, "postmaster.pid")) ?? "").split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || pid <= 0 || !isOurs(pid, data)) return undefined;
  return { pid, port, status: lines[7]?.trim() ?? "" };
}

/** Whether the process is the postmaster of the data: its command line names the data folder. */
function isOurs(pid: number, data: string): boolean {
  const command = processState(pid)?.command;
  if (command?.includes("postgres") !== true) return false;
  const path = ifThere(() => realpathSync(data));
  return path !== undefined && command.endsWith(`-D ${path}`);
}

/** True when the server of this folder runs and accepts sessions. */
export async function isAnswering(folder: string): Promise<boolean> {
  const running = runningPostgres(folder);
  if (running === undefined || processState(running.pid)?.frozen !== false) return false;
  // Each attempt during start-up would leave a line in the log.
  if (running.status !== "ready" && running.status !== "standby") return false;
  // Needs no look-up, so it also works while a session locks the roles.
  return await isAnsweringOn(running.port);
}

/**
 * Starts the server unless it runs, and waits until it accepts sessions. After a crash this includes recovery, which
 * takes as long as there is WAL to replay.
 * @param isHopeless whether the log shows that waiting does not help
 * @throws with the last lines of its log when it ends, or does not answer within `milliseconds`.
 */
export async function start(
  folder: string,
  milliseconds = 120_000,
  isHopeless: (log: string) => boolean = () => false,
): Promise<RunningServer> {
  const files = prepareFolder(folder);
  const { data, startLog } = files;
  const end = Date.now() + milliseconds;
  let before: string | undefined;
  const hopeless = () => isHopeless(logOfThisStart(files, before));
  for (;;) {
    if (runningPostgres(folder) === undefined) {
      removeStaleLocks(folder);
      before = lastStart(files);
      truncateLargeLogs(files.logs);
      const pid = await spawnDetached({
        command: postgresBinaries().postgres,
        args: ["-D", realpathSync(data)],
        cwd: data,
        log: startLog,
        user: ownerOf(data),
      });
      await waitUntil(
        () => runningPostgres(folder) !== undefined || processState(pid) === undefined,
        20_000,
      );
    }
    const ready = await waitUntil(
      async () =>
        runningPostgres(folder) === undefined || (await isAnswering(folder)) || hopeless(),
      end - Date.now(),
    );
    const running = runningPostgres(folder);
    if (running !== undefined && ready && (await isAnswering(folder))) return running;
    // Children of a killed server keep its shared memory for a moment longer.
    const waits = /pre-existing shared memory block|lock file ".*" already exists/.test(
      (readIfThere(startLog) ?? "") + logOfThisStart(files, before),
    );
    if (running !== undefined || !waits || Date.now() > end) {
      const why =
        running === undefined
          ? "exited during start-up"
          : hopeless()
            ? "accepts no sessions"
            : `did not accept sessions within ${milliseconds / 1000} s`;
      throw new Error(`PostgreSQL in ${folder} ${why}${postgresLogExcerpt(files, before)}`);
    }
    await waitUntil(() => false, 250);
  }
}

/**
 * Removes stale locks of the data and the socket; call only when no server of the folder runs. The pid in them is dead,
 * a zombie, or reused; PostgreSQL takes the last two for a running server.
 */
function removeStaleLocks(folder: string): void {
  rmSync(join(serverFiles(folder).data, "postmaster.pid"), { force: true });
  for (const name of readdirSync(folder)) {
    if (name.startsWith(".s.PGSQL.")) rmSync(join(folder, name), { force: true });
  }
}

/** Stops the server by a fast shutdown; if that hangs, by an immediate one; and at last by SIGKILL. */
export async function stop(folder: string): Promise<void> {
  await endProcess(
    () => runningPostgres(folder)?.pid,
    [
      { signal: "SIGINT", milliseconds: 30_000 },
      { signal: "SIGQUIT", milliseconds: 10_000 },
      { signal: "SIGKILL", milliseconds: 10_000 },
    ],
  );
}

/** Makes the running server read its configuration again. */
export function reload(folder: string): void {
  const running = runningPostgres(folder);
  if (running !== undefined) process.kill(running.pid, "SIGHUP");
}
