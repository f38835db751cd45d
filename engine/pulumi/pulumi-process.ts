import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { StringDecoder } from "node:string_decoder";

export interface PulumiRun {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** Without the lines that went to `onLine`. */
  readonly stdout: string;
  readonly stderr: string;
  /** Text written to {@link EVENT_LOG}, by commands that have the flag for it. */
  readonly events: string;
  /** Whether Ctrl-C or a terminating signal was passed on. */
  readonly interrupted: boolean;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder for unnamed temporary files; on the same machine. */
  readonly spoolFolder: string;
  readonly onLine?: (line: string) => void;
  /** Called when the first signal was passed on: the CLI finishes its running steps. */
  readonly onInterrupt?: () => void;
}

/** The user stopped the run; finished steps are in the state. The exit code is 130. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

/** Value for the CLI's `--event-log`. */
export const EVENT_LOG = "/dev/fd/3";

const POLL_MS = 50;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs the CLI and waits for it. The first Ctrl-C lets it finish its running steps, a second one stops it at once. If
 * this process is killed, the CLI still runs to a clean end. Arguments never hold a secret: every user of the machine
 * can read them.
 */
export async function runPulumi(
  command: string,
  args: readonly string[],
  { cwd, env, spoolFolder, onLine, onInterrupt }: RunOptions,
): Promise<PulumiRun> {
  fs.mkdirSync(spoolFolder, { recursive: true, mode: 0o700 });
  const spool = () => new Spool(spoolFolder);
  const [stdout, stderr, events] = [spool(), spool(), spool()];
  const child = spawn(command, [...args, "--non-interactive", "--color", "never"], {
    cwd,
    env,
    stdio: ["ignore", stdout.fd, stderr.fd, events.fd],
    // A separate process group: otherwise the terminal would send Ctrl-C, too, and two mean "at once".
    detached: true,
  });
  let interrupted = false;
  const passOn = (signal: NodeJS.Signals) => {
    if (!interrupted) onInterrupt?.();
    interrupted = true;
    child.kill(signal === "SIGHUP" ? "SIGINT" : signal);
  };
  for (const signal of SIGNALS) process.on(signal, passOn);
  const timer =
    onLine &&
    setInterval(() => {
      stdout.takeLines().forEach(onLine);
    }, POLL_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (onLine) stdout.takeLines().forEach(onLine);
    return {
      code,
      stdout: stdout.rest(),
      stderr: stderr.rest(),
      events: events.rest(),
      interrupted,
    };
  } finally {
    clearInterval(timer);
    for (const signal of SIGNALS) process.off(signal, passOn);
    for (const each of [stdout, stderr, events]) each.close();
  }
}

/**
 * An unnamed file that the CLI writes and we read. With a pipe, a killed reader would end the CLI in the middle of a
 * step. A named file would keep debug messages, which contain secrets in plain text.
 */
class Spool {
  static #count = 0;
  readonly fd: number;
  readonly #decoder = new StringDecoder("utf8");
  #position = 0;
  #text = "";

  constructor(folder: string) {
    const file = path.join(folder, `${process.pid}-${Spool.#count++}.spool`);
    this.fd = fs.openSync(file, "wx+", 0o600);
    fs.unlinkSync(file);
  }

  /** The complete lines since the last call. */
  takeLines(): string[] {
    this.#read();
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    return lines;
  }

  rest(): string {
    this.#read();
    return this.#text;
  }

  close(): void {
    fs.closeSync(this.fd);
  }

  #read(): void {
    const chunk = Buffer.alloc(64 * 1024);
    for (;;) {
      const length = fs.readSync(this.fd, chunk, 0, chunk.length, this.#position);
      if (length === 0) return;
      this.#position += length;
      this.#text += this.#decoder.write(chunk.subarray(0, length));
    }
  }
}
