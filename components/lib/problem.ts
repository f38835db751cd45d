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

/** Problems as text, one paragraph each: key, value, what is allowed, and the reason. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ key, value, allowed, why }) => `${key}: got ${value}; allowed: ${allowed}; ${why}`)
    .join("\n");
}
