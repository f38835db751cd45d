/** Starts and stops the embedded TimescaleDB, a Node process that outlives the command. */
import { chownSync, existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { lastLines, privateFolder, readIfThere } from "../processes/files";
import { askForTls } from "../processes/ports";
import { endProcess, processState, spawnDetached, until } from "../processes/process";
import { ownerOf, type ServiceUser, serviceUser } from "../processes/service-user";
import {
  pidFile,
  type ReadyTimescale,
  readReady,
  type TimescaleSettings,
  writeSettings,
} from "./facts";
import { SCRIPT, type TimescaleProgram, timescaleProgram, timescaleScript } from "./program";

export interface TimescaleOptions extends TimescaleSettings {
  readonly port: number;
  /** The one database that it serves. */
  readonly database: string;
  /** @default {@link timescaleScript} */
  readonly script?: string;
}

/** A server's process. It holds its port from its first moments, long before it takes sessions. */
export interface RunningTimescale {
  readonly pid: number;
  readonly port: number;
  /** Whether it was stopped by a signal. */
  readonly frozen: boolean;
}

/** The server of this folder, if it runs. */
export function isTimescaleRunning(folder: string): RunningTimescale | undefined {
  const pid = Number(readIfThere(pidFile(folder)) ?? 0);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const state = processState(pid);
  const [, port] = state?.command.split(`${SCRIPT} ${folder} `) ?? [];
  return state === undefined || port === undefined
    ? undefined
    : { pid, port: Number.parseInt(port, 10), frozen: state.frozen };
}

/**
 * True when the server runs and takes sessions. A long query keeps it from answering anything, so
 * silence on a port that it holds is not taken for an end; a process stopped by a signal is.
 */
export async function isTimescaleAnswering(folder: string): Promise<boolean> {
  const running = isTimescaleRunning(folder);
  if (running === undefined || running.frozen) return false;
  const ready = readReady(folder);
  if (ready?.pid !== running.pid) return false;
  const answer = await askForTls(ready.port);
  return (
    answer === "ready" || (answer === "silent" && isTimescaleRunning(folder)?.frozen === false)
  );
}

/**
 * Starts the server unless it runs, making its data when there is none, and waits until it takes
 * sessions.
 * @throws with the last lines of its log when it ends, or is not ready within `milliseconds`.
 */
export async function startTimescale(
  folder: string,
  options: TimescaleOptions,
  milliseconds = 90_000,
): Promise<ReadyTimescale> {
  const { port, database, adminVerifier, patience, script = timescaleScript() } = options;
  const log = join(folder, "log", "timescaledb.log");
  if (basename(script) !== SCRIPT) throw new Error(`${script} is not called ${SCRIPT}`);
  const user = prepareFolder(folder);
  if (writeSettings(folder, { adminVerifier, patience }, user)) await stopTimescale(folder);
  if (isTimescaleRunning(folder) === undefined) {
    rmSync(join(folder, "ready.json"), { force: true });
    const program = timescaleProgram(script, user);
    const pid = await spawnDetached({
      command: program.node,
      args: [
        ...sandbox(program, folder),
        program.script,
        folder,
        String(port),
        database,
        program.package,
      ],
      cwd: folder,
      log,
      user,
    });
    // It names itself, long before it is ready.
    await until(
      () => isTimescaleRunning(folder)?.pid === pid || processState(pid) === undefined,
      10_000,
    );
  }
  const ready = await until(
    async () => isTimescaleRunning(folder) === undefined || (await isTimescaleAnswering(folder)),
    milliseconds,
  );
  const facts = readReady(folder);
  if (ready && facts !== undefined && isTimescaleRunning(folder) !== undefined) return facts;
  throw new Error(
    `the embedded TimescaleDB in ${folder} ` +
      (ready ? "ended while it started" : `did not take sessions within ${milliseconds / 1000} s`) +
      `; its log ends with:\n${lastLines(log)}`,
  );
}

/** Makes the server's folder the service user's, with all that an earlier version left in it as root's. */
function prepareFolder(folder: string): ServiceUser | undefined {
  const user = (existsSync(folder) ? ownerOf(folder) : undefined) ?? serviceUser();
  const handOver = user !== undefined && existsSync(folder) && ownerOf(folder) === undefined;
  if (handOver) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      chownSync(join(folder, name), user.uid, user.gid);
    }
  }
  privateFolder(folder, user);
  privateFolder(join(folder, "log"), user);
  return user;
}

/**
 * Node's permission model: the process reads its program and its own folder, writes that folder, and starts nothing:
 * no child, no thread, no native addon, no code made of text. Its stack is larger than the engine's `max_stack_depth`
 * can come to.
 */
function sandbox(program: TimescaleProgram, folder: string): string[] {
  const [permission] = ["--permission", "--experimental-permission"].filter((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  );
  if (permission === undefined)
    throw new Error("this Node has no permission model; use 20 or later");
  const network = process.allowedNodeEnvironmentFlags.has("--allow-net") ? ["--allow-net"] : [];
  const readable = [program.script, `${program.package}/*`, `${folder}/*`, "/proc/self/*"];
  return [
    permission,
    "--no-warnings",
    "--disallow-code-generation-from-strings",
    "--stack-size=3900",
    "--max-old-space-size=1024",
    ...network,
    ...readable.map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${folder}/*`,
  ];
}

/** Stops the server, which writes all it has first. */
export async function stopTimescale(folder: string): Promise<void> {
  const running = isTimescaleRunning(folder);
  if (running === undefined) return;
  await endProcess(running.pid, () => isTimescaleRunning(folder)?.pid === running.pid, [
    { signal: "SIGTERM", milliseconds: 20_000 },
    { signal: "SIGKILL", milliseconds: 10_000 },
  ]);
}
