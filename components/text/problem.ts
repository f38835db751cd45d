import { printable, printableLines, shortened } from "./printable";

/** One thing wrong with what was asked for. Checks return lists of these, so that all are told at once. */
export interface Problem {
  /** The setting, as its owner would look for it. */
  readonly key: string;
  /** What was got; `[secret]` where it may not be shown. */
  readonly value: string | number;
  /** What would be accepted. */
  readonly allowed: string;
  readonly why: string;
}

/** The same, of a value that somebody else names. */
export type Refusal = Pick<Problem, "allowed" | "why">;

/** Longest key or value in a message; a list of several has its place in it. */
const MOST = 400;

/** Problems as text, a line each: key, value, what is allowed, and the reason, which may go on with an itemised sum. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(
      ({ key, value, allowed, why }) =>
        `${shortened(key, MOST)}: got ${shortened(String(value), MOST)}; ` +
        `allowed: ${printable(allowed)}; ${printableLines(why)}`,
    )
    .join("\n");
}
