/** Starts and stops the embedded TimescaleDB, a Node process that outlives the command. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { projectRoot } from "../../project-root";
import { lastLines, privateFolder } from "./files";
import { askForTls } from "./ports";
import { endProcess, processState, spawnDetached, until } from "./process";
import { pidFile, type ReadyTimescale, readReady } from "./timescale-facts";

const SCRIPT = "timescale-main.js";

/** The server's program: one of the files that the engine's build makes of the sources. */
export function timescaleScript(): string {
  return join(projectRoot(), ".sark", "build", SCRIPT);
}

export interface TimescaleOptions {
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
  const file = pidFile(folder);
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
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
  const { port, database, script = timescaleScript() } = options;
  const log = join(folder, "log", "timescaledb.log");
  if (basename(script) !== SCRIPT) throw new Error(`${script} is not called ${SCRIPT}`);
  privateFolder(folder, undefined);
  privateFolder(join(folder, "log"), undefined);
  if (isTimescaleRunning(folder) === undefined) {
    rmSync(join(folder, "ready.json"), { force: true });
    const pid = await spawnDetached({
      command: process.execPath,
      args: [script, folder, String(port), database],
      cwd: folder,
      log,
      user: undefined,
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

/** Stops the server, which writes all it has first. */
export async function stopTimescale(folder: string): Promise<void> {
  const running = isTimescaleRunning(folder);
  if (running === undefined) return;
  await endProcess(running.pid, () => isTimescaleRunning(folder)?.pid === running.pid, [
    { signal: "SIGTERM", milliseconds: 20_000 },
    { signal: "SIGKILL", milliseconds: 10_000 },
  ]);
}
