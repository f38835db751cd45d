/** Starts and stops the embedded TimescaleDB, a Node process that outlives the command. */
import { chownSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lastLines, privateFolder, readIfThere } from "../processes/private-files";
import { isAnsweringOn } from "../processes/ports";
import {
  endProcess,
  type EndStep,
  processState,
  spawnDetached,
  waitUntil,
} from "../processes/process";
import { ownerOf, serviceUser } from "../processes/service-user";
import {
  pidFile,
  type TimescaleFacts,
  readServerFacts,
  serverFactsFile,
  type TimescaleSettings,
  writeSettings,
} from "./server-facts";
import { serverFlags } from "./sandbox";
import { enginePidFile } from "./engine-process";
import { SCRIPT, timescaleProgram, timescaleScript } from "./server-program";
import { logExcerpt } from "../processes/log-excerpt";

export interface TimescaleOptions extends TimescaleSettings {
  readonly port: number;
  /** The only database that it serves. */
  readonly database: string;
  /** @default {@link timescaleScript} */
  readonly script?: string;
}

/** A running server process. It holds its port long before it accepts sessions. */
export interface RunningTimescale {
  readonly pid: number;
  readonly port: number;
  /** Whether it, or its engine, was stopped by a signal. */
  readonly frozen: boolean;
}

/** The server of this folder, if it runs. */
export function runningTimescale(folder: string): RunningTimescale | undefined {
  const running = processOf(folder, pidFile(folder));
  if (running === undefined) return undefined;
  const { pid, role } = running;
  const engine = processOf(folder, enginePidFile(folder));
  return {
    pid,
    port: Number.parseInt(role, 10),
    frozen: running.frozen || engine?.frozen === true,
  };
}

/** The running process of this folder's server that a file names. Its role is the port, or "engine". */
function processOf(folder: string, file: string) {
  const pid = Number(readIfThere(file) ?? 0);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const state = processState(pid);
  const [, role] = state?.command.split(`${SCRIPT} ${folder} `) ?? [];
  return state === undefined || role === undefined
    ? undefined
    : { pid, role, frozen: state.frozen };
}

/** True when the server runs and accepts sessions, also during a long statement. */
export async function isTimescaleAnswering(folder: string): Promise<boolean> {
  const running = runningTimescale(folder);
  if (running === undefined || running.frozen) return false;
  const ready = readServerFacts(folder);
  return ready?.pid === running.pid && (await isAnsweringOn(ready.port));
}

/**
 * Starts the server unless it runs, making its data if there is none, and waits until it accepts sessions.
 * @throws with the last lines of its log when it ends, or is not ready within `milliseconds`.
 */
export async function startTimescale(
  folder: string,
  options: TimescaleOptions,
  milliseconds = 90_000,
): Promise<TimescaleFacts> {
  const { port, database, adminVerifier, patience, script = timescaleScript() } = options;
  const log = join(folder, "log", "timescaledb.log");
  const user = ownerOf(folder) ?? serviceUser();
  if (user !== undefined && existsSync(folder) && ownerOf(folder) === undefined) {
    // A folder that root copied, or that an earlier version made.
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      chownSync(join(folder, name), user.uid, user.gid);
    }
  }
  privateFolder(folder, user);
  privateFolder(join(folder, "log"), user);
  if (writeSettings(folder, { adminVerifier, patience }, user)) await stopTimescale(folder);
  if (runningTimescale(folder) === undefined) {
    await endOrphan(folder);
    rmSync(serverFactsFile(folder), { force: true });
    const program = timescaleProgram(script, user);
    const pid = await spawnDetached({
      command: program.node,
      args: [
        ...serverFlags(program, folder),
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
    // It writes its process id long before it is ready.
    await waitUntil(
      () => runningTimescale(folder)?.pid === pid || processState(pid) === undefined,
      10_000,
    );
  }
  const ready = await waitUntil(
    async () => runningTimescale(folder) === undefined || (await isTimescaleAnswering(folder)),
    milliseconds,
  );
  const facts = readServerFacts(folder);
  if (ready && facts !== undefined && runningTimescale(folder) !== undefined) return facts;
  throw new Error(
    `the embedded TimescaleDB in ${folder} ` +
      (ready
        ? "exited during start-up"
        : `did not accept sessions within ${milliseconds / 1000} s`) +
      logExcerpt(folder, lastLines(log, 100)),
  );
}

/** Stops the server, which writes all its data first. */
export async function stopTimescale(folder: string): Promise<void> {
  await end(folder, pidFile(folder), [
    { signal: "SIGTERM", milliseconds: 20_000 },
    { signal: "SIGKILL", milliseconds: 10_000 },
  ]);
  await endOrphan(folder);
}

/** Ends an engine whose server was killed: within a statement it does not notice that. */
async function endOrphan(folder: string): Promise<void> {
  await end(folder, enginePidFile(folder), [{ signal: "SIGKILL", milliseconds: 10_000 }]);
}

async function end(folder: string, file: string, steps: readonly EndStep[]): Promise<void> {
  const running = processOf(folder, file);
  if (running === undefined) return;
  await endProcess(() => processOf(folder, file)?.pid, steps);
  // A process that is ending has no command line, but may still hold its port.
  await waitUntil(() => processState(running.pid) === undefined, 5000);
}
