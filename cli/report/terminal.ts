import { randomUUID } from "node:crypto";
import * as readline from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { printableJson, printableLines, shortened } from "../../components/text/printable";

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
  /** Sends text to standard error, so that standard output holds only one document. */
  readonly json: boolean;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/**
 * The output of a command. Values from outside cannot control or reorder the screen: hidden characters are shown as
 * escapes, except line breaks and the colours of {@link Terminal.paint}.
 */
export class Terminal {
  readonly json: boolean;
  /** Whether a person can answer questions. */
  readonly interactive: boolean;
  /** Whether text goes to a screen, where a line can be replaced. */
  readonly screen: boolean;
  readonly width: number;
  readonly #colours: boolean;
  readonly #text: Stream;
  readonly #options: TerminalOptions;
  /** Marks the colours of {@link paint}. It is random, so a value cannot contain it. */
  readonly #mark = `<${randomUUID()}:`;

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
    this.#text.write(`${this.#shown(text)}\n`);
  }

  /** Clears the screen; without one, separates what follows by an empty line. */
  clear(): void {
    this.#text.write(this.screen ? "\u001b[H\u001b[2J" : "\n");
  }

  /** Shows a line that the next one replaces; does nothing without a screen. */
  transient(text: string): void {
    if (!this.screen) return;
    this.#text.write(`\r\u001b[2K${shortened(text, this.width - 1)}`);
  }

  error(text: string): void {
    this.#options.stderr.write(`${this.#shown(text)}\n`);
  }

  /** Writes text for a script; waits until it is written. */
  async output(text: string): Promise<void> {
    await this.writeExact(this.#shown(text));
  }

  /** As {@link output}, but without escapes, which would change a password. */
  async writeExact(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.stdout.write(`${text}\n`, () => {
        resolve();
      });
    });
  }

  async document(value: unknown): Promise<void> {
    await this.writeExact(printableJson(value, 2));
  }

  /** Asks a person; only if {@link interactive}. Undefined when the input ends or Ctrl-C is pressed. */
  async ask(question: string): Promise<string | undefined> {
    const prompt = readline.createInterface({ input: this.#options.stdin, output: this.#text });
    const closed = new AbortController();
    prompt.once("close", () => {
      closed.abort();
    });
    try {
      return (await prompt.question(this.#shown(question), { signal: closed.signal })).trim();
    } catch {
      this.line();
      return undefined;
    } finally {
      prompt.close();
    }
  }

  /** Whether a person answers yes. */
  async confirms(question: string): Promise<boolean> {
    return /^y(es)?$/i.test((await this.ask(`${question} [y/N] `)) ?? "");
  }

  paint(colour: Colour, text: string): string {
    if (!this.#colours) return text;
    return `${this.#mark}${CODES[colour]}>${text}${this.#mark}0>`;
  }

  #shown(text: string): string {
    const [first = "", ...painted] = text.split(this.#mark);
    return painted.reduce((shown, part) => {
      const end = part.indexOf(">");
      return `${shown}\u001b[${part.slice(0, end)}m${printableLines(part.slice(end + 1))}`;
    }, printableLines(first));
  }
}
