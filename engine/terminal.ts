import * as readline from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

export type Colour = "green" | "yellow" | "red" | "magenta" | "dim" | "bold";

const CODES: Readonly<Record<Colour, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  magenta: 35,
};

interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface TerminalOptions {
  /** Text goes to standard error, so that standard output holds one document and nothing else. */
  readonly json: boolean;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** Where a command's words go. */
export class Terminal {
  readonly json: boolean;
  /** Somebody is there to be asked. */
  readonly interactive: boolean;
  /** Text is seen by a person, on a screen where a line can be replaced. */
  readonly screen: boolean;
  readonly width: number;
  readonly #colours: boolean;
  readonly #text: Stream;
  readonly #options: TerminalOptions;

  constructor(options: TerminalOptions) {
    const { json, stdin, stdout, stderr, env } = options;
    this.#options = options;
    this.json = json;
    this.#text = json ? stderr : stdout;
    this.screen = this.#text.isTTY === true && env["TERM"] !== "dumb";
    this.interactive = stdin.isTTY === true && this.#text.isTTY === true;
    this.width = this.#text.columns ?? 100;
    this.#colours = this.screen && (env["NO_COLOR"] ?? "") === "";
  }

  line(text = ""): void {
    this.#text.write(`${text}\n`);
  }

  /** Shows a line that the next one replaces; nothing where there is no screen. */
  transient(text: string): void {
    if (!this.screen) return;
    this.#text.write(`\r\u001b[2K${text.slice(0, this.width - 1)}`);
  }

  error(text: string): void {
    this.#options.stderr.write(`${text}\n`);
  }

  /** What a script reads; waits until it is written. */
  async output(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.stdout.write(`${text}\n`, () => {
        resolve();
      });
    });
  }

  async document(value: unknown): Promise<void> {
    await this.output(JSON.stringify(value, undefined, 2));
  }

  /** Asks a person; only where {@link interactive}. Undefined when the input ends or Ctrl-C is pressed. */
  async ask(question: string): Promise<string | undefined> {
    const prompt = readline.createInterface({ input: this.#options.stdin, output: this.#text });
    const closed = new AbortController();
    prompt.once("close", () => {
      closed.abort();
    });
    try {
      return (await prompt.question(question, { signal: closed.signal })).trim();
    } catch {
      this.line();
      return undefined;
    } finally {
      prompt.close();
    }
  }

  paint(colour: Colour, text: string): string {
    return this.#colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
  }
}
