import type { Operation, Progress, Result } from "../../engine/engine";
import { outcomeOf, type Outcome } from "./left-behind";
import { describeResource, isBookkeeping, typeOfUrn } from "../../engine/names";
import { outcomeSign } from "./report-plan";
import type { Terminal } from "./terminal";
import { compact } from "../../components/text/present";
import { printableTail } from "../../components/text/printable";

/** Verbs for a step that is done, and for one that is running. */
const WORDS: Readonly<Record<Outcome, { readonly past: string; readonly present: string }>> = {
  create: { past: "created", present: "creating" },
  update: { past: "updated", present: "updating" },
  replace: { past: "replaced", present: "replacing" },
  delete: { past: "deleted", present: "deleting" },
  leave: { past: "left behind", present: "leaving behind" },
  same: { past: "unchanged", present: "checking" },
};

/** Milliseconds without progress after which a line names the running steps. */
const STILL_MS = 15_000;

/** Prints one line for each finished resource; on a screen also a line with the running one. */
export class ProgressReport implements Progress {
  readonly #running = new Map<string, { readonly outcome: Outcome; readonly since: number }>();
  /** Messages already printed: a plan and its run send the same ones. */
  readonly #printed = new Set<string>();
  readonly #warnings: string[] = [];
  #left: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: Terminal) {}

  /** @param left URNs that are only deleted from the stack, which the engines report as deleted */
  setLeftBehind(left: ReadonlySet<string>): void {
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
    const mark = outcomeSign(outcome, this.terminal);
    // A resource that is left behind took no time of its own.
    const timed = outcome !== "leave" && seconds >= 0.05;
    const time = timed ? this.terminal.paint("dim", ` ${seconds.toFixed(1)} s`) : "";
    this.#line(`  ${mark} ${WORDS[outcome].past} ${describeResource(urn)}${time}`);
  };

  /** The cause is printed at the end of the run. */
  readonly failed = (urn: string): void => {
    this.#running.delete(urn);
    this.#line(`  ${this.terminal.paint("red", "!")} failed ${describeResource(urn)}`);
  };

  readonly message = (severity: "info" | "warning" | "error", text: string): void => {
    if (this.#printed.has(text)) return;
    this.#printed.add(text);
    if (severity === "warning") this.#warnings.push(text);
    const colour = { info: "dim", warning: "yellow", error: "red" } as const;
    const prefix = severity === "info" ? "" : `${severity}: `;
    const shown = printableTail(text, "    ");
    this.#line(`  ${this.terminal.paint(colour[severity], `${prefix}${shown}`)}`);
  };

  /** The warnings so far, without repetitions. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Ends the report: no step is running any more. */
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
      `  ... ${WORDS[first[1].outcome].present} ${describeResource(first[0])}${more}`,
    );
  }

  #watch(): void {
    clearInterval(this.#timer);
    if (this.terminal.screen) return;
    this.#timer = setInterval(() => {
      for (const [urn, { outcome, since }] of this.#running) {
        const seconds = Math.round((performance.now() - since) / 1000);
        this.terminal.line(
          `    still ${WORDS[outcome].present} ${describeResource(urn)} (${seconds} s)`,
        );
      }
    }, STILL_MS);
    this.#timer.unref();
  }
}

/** Prints the number of steps by outcome. */
export function printResult(result: Result, terminal: Terminal, seconds: number): void {
  const done = result.done.filter(({ urn }) => !isBookkeeping(typeOfUrn(urn)));
  const outcomes = done.map(({ op, leftBehind }) => (leftBehind === true ? "leave" : op));
  const counts = Object.entries(WORDS)
    .map(([outcome, { past }]) => [outcomes.filter((each) => each === outcome).length, past])
    .filter(([number]) => number !== 0)
    .map((words) => words.join(" "));
  const [failed, skipped] = [result.failed.length, result.skipped.length];
  const missed = compact(failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`);
  const text = [...counts, ...missed].join(", ") || "nothing to do";
  terminal.line(`${missed.length > 0 ? "Not done" : "Done"}: ${text} (${seconds.toFixed(1)} s).`);
}
