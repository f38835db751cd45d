/**
 * Processes that outlive the command: started detached, found again by a pid file, and signalled only if the pid is
 * provably that of the process that was started.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, ifThere } from "../../../files/files";
import { userOptions, type ServiceUser } from "./service-user";

/** State of a process, from the operating system. */
export interface ProcessState {
  /** The command line, with blanks between the arguments. */
  readonly command: string;
  /** Stopped by a signal: it does nothing, and does not even end. */
  readonly frozen: boolean;
}

/** The state of a process; undefined if there is none, or only a zombie. */
export function processState(pid: number): ProcessState | undefined {
  return existsSync("/proc/self/stat") ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything, brackets too.
    const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
    if (state === "Z" || state === "X") return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { command, frozen: state === "T" || state === "t" };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): ProcessState | undefined {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=,command=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const [, state = "Z", command = ""] = /^\s*(\S+)\s+(.*)$/m.exec(stdout) ?? [];
  if (status !== 0 || state.startsWith("Z")) return undefined;
  return { command, frozen: state.startsWith("T") };
}

/** How to start a process that outlives this one. */
export interface Detached {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** File for its output; the output of the previous start is kept as `.previous`. */
  readonly log: string;
  readonly user: ServiceUser | undefined;
}

/**
 * Starts a process in its own session, without a terminal, and does not wait for it. Of the environment it gets only
 * the PATH, so that servers do not see the command's secrets.
 * @returns its pid.
 */
export async function spawnDetached(start: Detached): Promise<number> {
  ifThere(() => {
    renameSync(start.log, `${start.log}.previous`);
  });
  const log = openSync(start.log, "a", 0o600);
  try {
    const child = spawn(start.command, [...start.args], {
      ...userOptions(start.user),
      cwd: start.cwd,
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    });
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => {
        child.unref();
        // Present after "spawn" by Node's contract; -1 names no process.
        resolve(child.pid ?? -1);
      });
    });
  } finally {
    closeSync(log);
  }
}

/** Waits until `condition` holds; false if it does not within `milliseconds`. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  milliseconds: number,
  interval = 40,
): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) return false;
    await sleep(interval);
  }
  return true;
}

/** One attempt to end a process, and the time until the next one. */
export interface EndStep {
  readonly signal: NodeJS.Signals;
  readonly milliseconds: number;
}

/**
 * Ends a process by the steps in turn, and waits until it is gone. It is looked up before each signal, because its pid
 * may have been reused.
 * @param find the pid of the process, as long as it runs
 * @throws when it still runs after the last step.
 */
export async function endProcess(
  find: () => number | undefined,
  steps: readonly EndStep[],
): Promise<void> {
  const pid = find();
  if (pid === undefined) return;
  const isOurs = (): boolean => find() === pid;
  for (const { signal, milliseconds } of steps) {
    if (!isOurs()) return;
    sendSignal(pid, signal);
    // A stopped process handles signals only after SIGCONT.
    if (processState(pid)?.frozen === true) sendSignal(pid, "SIGCONT");
    if (await waitUntil(() => !isOurs(), milliseconds)) return;
  }
  throw new Error(`process ${pid} did not end after ${steps.at(-1)?.signal ?? "a signal"}`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (hasCode(error, "ESRCH")) return;
    if (!hasCode(error, "EPERM")) throw error;
    throw new Error(
      `process ${pid} belongs to another user; run the command as the user who started it`,
      { cause: error },
    );
  }
}
