/**
 * Processes that outlive the command: started as children of nobody, found again by a pid file,
 * and never signalled unless the process behind the pid is provably the one that was started.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, ifThere } from "../../../files/files";
import { as, type ServiceUser } from "./service-user";

/** What the operating system says about a process. */
export interface ProcessState {
  /** The command line, with blanks between the arguments. */
  readonly command: string;
  /** Stopped by a signal: it exists and does nothing, not even end. */
  readonly frozen: boolean;
}

/** The state of a process; undefined when there is none, or only its entry waits to be reaped. */
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
  /** File that takes what it prints; what the start before printed is kept as `.previous`. */
  readonly log: string;
  readonly user: ServiceUser | undefined;
}

/**
 * Starts a process in a session of its own, with no terminal, and does not wait for it. Of the
 * environment it gets the path alone: secrets of the command are none of a server's business.
 * @returns its pid.
 */
export async function spawnDetached(start: Detached): Promise<number> {
  ifThere(() => {
    renameSync(start.log, `${start.log}.previous`);
  });
  const log = openSync(start.log, "a", 0o600);
  try {
    const child = spawn(start.command, [...start.args], {
      ...as(start.user),
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

/** Waits until `condition` holds; false when it does not within `milliseconds`. */
export async function until(
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

/** One attempt to end a process, and how long it may take before the next is made. */
export interface EndStep {
  readonly signal: NodeJS.Signals;
  readonly milliseconds: number;
}

/**
 * Ends a process, if there is one, by the steps in turn, and waits until it is gone. It is looked up before each signal,
 * since a pid that was free for a moment may be another's.
 * @param find the pid of the process that is meant, as long as it runs
 * @throws when it is still there after the last step.
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
    // A frozen process takes its signals only once it runs again.
    if (processState(pid)?.frozen === true) sendSignal(pid, "SIGCONT");
    if (await until(() => !isOurs(), milliseconds)) return;
  }
  throw new Error(`process ${pid} did not end, not even by ${steps.at(-1)?.signal ?? "a signal"}`);
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
