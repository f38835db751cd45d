/** Migration runners in separate processes, which a test may kill. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { build } from "esbuild";
import type { RunnerAnswer, RunnerCommand } from "./migration-runner-main";

/** Builds the program of the runners into a folder below the project, where it finds its packages. */
export async function buildRunner(): Promise<string> {
  const root = join(__dirname, "..", "..");
  const script = join(root, ".sark", "tests", String(process.pid), "migration-runner.js");
  await build({
    entryPoints: [join(__dirname, "migration-runner-main.ts")],
    outfile: script,
    bundle: true,
    // One file starts faster than many; the parser needs its WebAssembly beside itself.
    external: ["libpg-query", "pg-native"],
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "silent",
  });
  return script;
}

export function removeRunner(script: string): void {
  rmSync(dirname(script), { recursive: true, force: true });
}

export class RunnerProcess {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #ready: Promise<RunnerAnswer>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#answers = lines[Symbol.asyncIterator]();
    this.#ready = this.#next();
  }

  /** Starts the process, which loads everything before the first command. */
  static start(script: string): RunnerProcess {
    const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
    return new RunnerProcess(child, createInterface({ input: child.stdout }));
  }

  /** Waits until it is ready to run. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /** Runs migrations; resolves when the run has ended, or stopped at its step. */
  async run(command: RunnerCommand): Promise<RunnerAnswer> {
    await this.#ready;
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return this.#next();
  }

  /** Kills it with SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  async #next(): Promise<RunnerAnswer> {
    const line = await this.#answers.next();
    if (line.done === true) return { kind: "failed", message: "the runner's process has ended" };
    return JSON.parse(line.value) as RunnerAnswer;
  }
}
