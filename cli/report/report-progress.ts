import type { Operation, Progress, Result } from "../../engine/engine";
import { outcomeOf, type Outcome } from "./left-behind";
import { describe, isBookkeeping, typeOfUrn } from "../../engine/names";
import { markOf } from "./report-plan";
import type { Terminal } from "./terminal";
import { present } from "../../components/text/present";
import { printableTail } from "../../components/text/printable";

/** What is said of a step when it is done, and while it runs. */
const WORDS: Readonly<Record<Outcome, { readonly past: string; readonly present: string }>> = {
  create: { past: "created", present: "creating" },
  update: { past: "updated", present: "updating" },
  replace: { past: "replaced", present: "replacing" },
  delete: { past: "deleted", present: "deleting" },
  leave: { past: "left behind", present: "leaving behind" },
  same: { past: "unchanged", present: "checking" },
};

/** How long nothing may happen before a line says what is being waited for, in milliseconds. */
const STILL_MS = 15_000;

/** One line a resource when it is done; on a screen also one that shows what is running. */
export class ProgressReport implements Progress {
  readonly #running = new Map<string, { readonly outcome: Outcome; readonly since: number }>();
  /** A plan and the run after it have the same to say. */
  readonly #said = new Set<string>();
  readonly #warnings: string[] = [];
  #left: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: Terminal) {}

  /** @param left what the plan deletes from the stack alone: the engines report it as deleted */
  leaves(left: ReadonlySet<string>): void {
    this.#left = left;
  }

  readonly started = (urn: string, op: Operation): void => {
    if (isBookkeeping(typeOfUrn(urn))) return;
    const outcome = outcomeOf({ urn, op }, this.#left);
    this.#running.set(urn, { outcome, since: performance.now() });
    this.#showRunning();
    this.#watch();
  };

  readonly finished = (urn: string, op: Operation, seconds: number): void => {
    this.#running.delete(urn);
    if (op === "same" || isBookkeeping(typeOfUrn(urn))) return;
    const outcome = outcomeOf({ urn, op }, this.#left);
    const mark = markOf(outcome, this.terminal);
    // Nothing was done to what is left behind; its time is the engine's own.
    const timed = outcome !== "leave" && seconds >= 0.05;
    const time = timed ? this.terminal.paint("dim", ` ${seconds.toFixed(1)} s`) : "";
    this.#line(`  ${mark} ${WORDS[outcome].past} ${describe(urn)}${time}`);
  };

  /** The cause follows at the end of the run, where it is read. */
  readonly failed = (urn: string): void => {
    this.#running.delete(urn);
    this.#line(`  ${this.terminal.paint("red", "!")} failed ${describe(urn)}`);
  };

  readonly message = (severity: "info" | "warning" | "error", text: string): void => {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    if (severity === "warning") this.#warnings.push(text);
    const colour = { info: "dim", warning: "yellow", error: "red" } as const;
    const prefix = severity === "info" ? "" : `${severity}: `;
    const shown = printableTail(text, "    ");
    this.#line(`  ${this.terminal.paint(colour[severity], `${prefix}${shown}`)}`);
  };

  /** What was warned of so far, once each. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Nothing is running any more. */
  close(): void {
    clearInterval(this.#timer);
    this.#running.clear();
    this.terminal.transient("");
  }

  #line(text: string): void {
    this.terminal.transient("");
    this.terminal.line(text);
    this.#showRunning();
    this.#watch();
  }

  #showRunning(): void {
    const [first] = this.#running;
    if (first === undefined) return;
    const more = this.#running.size > 1 ? ` and ${this.#running.size - 1} more` : "";
    this.terminal.transient(
      `  ... ${WORDS[first[1].outcome].present} ${describe(first[0])}${more}`,
    );
  }

  #watch(): void {
    clearInterval(this.#timer);
    if (this.terminal.screen) return;
    this.#timer = setInterval(() => {
      for (const [urn, { outcome, since }] of this.#running) {
        const seconds = Math.round((performance.now() - since) / 1000);
        this.terminal.line(`    still ${WORDS[outcome].present} ${describe(urn)} (${seconds} s)`);
      }
    }, STILL_MS);
    this.#timer.unref();
  }
}

/** Prints how many steps came to what. */
export function printResult(result: Result, terminal: Terminal, seconds: number): void {
  const done = result.done.filter(({ urn }) => !isBookkeeping(typeOfUrn(urn)));
  const outcomes = done.map(({ op, leftBehind }) => (leftBehind === true ? "leave" : op));
  const counts = Object.entries(WORDS)
    .map(([outcome, { past }]) => [outcomes.filter((each) => each === outcome).length, past])
    .filter(([number]) => number !== 0)
    .map((words) => words.join(" "));
  const [failed, skipped] = [result.failed.length, result.skipped.length];
  const missed = present(failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`);
  const text = [...counts, ...missed].join(", ") || "nothing to do";
  terminal.line(`${missed.length > 0 ? "Not done" : "Done"}: ${text} (${seconds.toFixed(1)} s).`);
}
