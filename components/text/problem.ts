import { printable, printableLines, shortened } from "./printable";

/** One problem of the input. Checks return lists of these, so that all are reported at once. */
export interface Problem {
  /** The setting, as the user would look for it. */
  readonly key: string;
  /** The actual value; `[secret]` for a secret. */
  readonly value: string | number;
  /** The allowed values. */
  readonly allowed: string;
  readonly why: string;
}

/** A problem without key and value, which the caller adds. */
export type ProblemReason = Pick<Problem, "allowed" | "why">;

/** Longest key or value in a message; long enough for a list. */
const MAX_LENGTH = 400;

/** Formats problems, one per line: key, value, allowed values, and why, which may continue with an itemised sum. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(
      ({ key, value, allowed, why }) =>
        `${shortened(key, MAX_LENGTH)}: got ${shortened(String(value), MAX_LENGTH)}; ` +
        `allowed: ${printable(allowed)}; ${printableLines(why)}`,
    )
    .join("\n");
}
