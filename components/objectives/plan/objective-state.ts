import { evaluate, isAverage } from "./evaluate";
import { type Expected, metricsOf } from "./expression";
import type { Objective } from "./objective";
import type { Samples } from "./samples";

/**
 * `unknown`: the server does not publish the figure, nothing has happened that it could be computed from, or it is
 * beyond a limit as an average since the server started or of a few seconds, which says little about now.
 */
export type State = "good" | "warning" | "critical" | "unknown";

/** An objective's value at one time. */
export interface ObjectiveState {
  readonly objective: Objective;
  readonly state: State;
  /** The worst of its series; undefined if there is none. */
  readonly value?: number;
  /** Labels of that series, such as the name of a job. */
  readonly labels: Readonly<Record<string, string>>;
  /** Why its metrics could not be read. */
  readonly reason?: string;
}

/** Compares one reading with an objective's limits. */
export function stateOf(
  objective: Objective,
  samples: Samples,
  expected: Expected,
): ObjectiveState {
  const { good, measure, target, critical, missingIsBad } = objective;
  const worse = (one: number, other: number): boolean =>
    good === "below" ? one > other : one < other;
  const [worst] = evaluate(measure, samples, expected).toSorted((one, other) =>
    worse(one.value, other.value) ? -1 : 1,
  );
  if (worst === undefined) {
    const [reason] = metricsOf(measure).flatMap((metric) => samples.failure(metric) ?? []);
    if (reason !== undefined) return { objective, state: "unknown", labels: {}, reason };
    return { objective, state: missingIsBad ? "critical" : "unknown", labels: {} };
  }
  const { value, labels } = worst;
  const beyond = (limit: number | undefined): boolean => limit !== undefined && worse(value, limit);
  const state = beyond(critical) ? "critical" : beyond(target) ? "warning" : "good";
  const undecided = state !== "good" && isAverage(measure, samples);
  return { objective, state: undecided ? "unknown" : state, value, labels };
}
