import type { Operation, Progress, Result } from "./engine";
import { isBookkeeping, shortName, shortType, typeOfUrn } from "./names";
import { COLOURS, SYMBOLS } from "./report-plan";
import type { Terminal } from "./terminal";
import { printableTail } from "../components/lib/printable";

const PAST: Readonly<Record<Operation, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  same: "unchanged",
};

const PRESENT: Readonly<Record<Operation, string>> = {
  create: "creating",
  update: "updating",
  replace: "replacing",
  delete: "deleting",
  same: "checking",
};

/** How long nothing may happen before a line says what is being waited for, in milliseconds. */
const STILL_MS = 15_000;

/** One line a resource when it is done; on a screen also one that shows what is running. */
export class ProgressReport implements Progress {
  readonly #terminal: Terminal;
  readonly #running = new Map<string, { readonly op: Operation; readonly since: number }>();
  /** A plan and the run after it have the same to say. */
  readonly #said = new Set<string>();
  readonly #warnings: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  readonly started = (urn: string, op: Operation): void => {
    if (isBookkeeping(typeOfUrn(urn))) return;
    this.#running.set(urn, { op, since: performance.now() });
    this.#showRunning();
    this.#watch();
  };

  readonly finished = (urn: string, op: Operation, seconds: number): void => {
    this.#running.delete(urn);
    if (op === "same" || isBookkeeping(typeOfUrn(urn))) return;
    const mark = this.#terminal.paint(COLOURS[op], SYMBOLS[op]);
    const time = seconds >= 0.05 ? this.#terminal.paint("dim", ` ${seconds.toFixed(1)} s`) : "";
    this.#line(`  ${mark} ${PAST[op]} ${describe(urn)}${time}`);
  };

  /** The cause follows at the end of the run, where it is read. */
  readonly failed = (urn: string): void => {
    this.#running.delete(urn);
    this.#line(`  ${this.#terminal.paint("red", "!")} failed ${describe(urn)}`);
  };

  readonly message = (severity: "info" | "warning" | "error", text: string): void => {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    if (severity === "warning") this.#warnings.push(text);
    const colour = { info: "dim", warning: "yellow", error: "red" } as const;
    const prefix = severity === "info" ? "" : `${severity}: `;
    const shown = printableTail(text, "    ");
    this.#line(`  ${this.#terminal.paint(colour[severity], `${prefix}${shown}`)}`);
  };

  /** What was warned of so far, once each. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Nothing is running any more. */
  close(): void {
    clearInterval(this.#timer);
    this.#running.clear();
    this.#terminal.transient("");
  }

  #line(text: string): void {
    this.#terminal.transient("");
    this.#terminal.line(text);
    this.#showRunning();
    this.#watch();
  }

  #showRunning(): void {
    const [first] = this.#running;
    if (first === undefined) return;
    const more = this.#running.size > 1 ? ` and ${this.#running.size - 1} more` : "";
    this.#terminal.transient(`  ... ${PRESENT[first[1].op]} ${describe(first[0])}${more}`);
  }

  #watch(): void {
    clearInterval(this.#timer);
    if (this.#terminal.screen) return;
    this.#timer = setInterval(() => {
      for (const [urn, { op, since }] of this.#running) {
        const seconds = Math.round((performance.now() - since) / 1000);
        this.#terminal.line(`    still ${PRESENT[op]} ${describe(urn)} (${seconds} s)`);
      }
    }, STILL_MS);
    this.#timer.unref();
  }
}

/** Prints how many steps came to what. */
export function printResult(result: Result, terminal: Terminal, seconds: number): void {
  const done = result.done.filter(({ urn }) => !isBookkeeping(typeOfUrn(urn)));
  const counts = (["create", "update", "replace", "delete", "same"] as const)
    .map((op) => ({ op, number: done.filter((one) => one.op === op).length }))
    .filter(({ number }) => number > 0)
    .map(({ op, number }) => `${number} ${PAST[op]}`);
  const [failed, skipped] = [result.failed.length, result.skipped.length];
  const missed = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  const text = [...counts, ...missed].join(", ") || "nothing to do";
  terminal.line(`${missed.length > 0 ? "Not done" : "Done"}: ${text} (${seconds.toFixed(1)} s).`);
}

function describe(urn: string): string {
  return `${shortType(typeOfUrn(urn))} ${shortName(urn)}`;
}
