/** One check of a restored server. */
export interface CheckResult {
  /** A noun, such as `rows`. */
  readonly name: string;
  readonly passed: boolean;
  /** What was compared, or what is wrong: a clause. */
  readonly detail: string;
}

/** The outcome of a check, without its name. */
export type Outcome = Omit<CheckResult, "name">;
