import type { ApplicationTier } from "../../connections/plan/application-tiers";
import { HYPERTABLE_FACTS, perHypertable, type PerHypertable } from "./hypertable-facts";

/** Who makes the requests: an application of one of the guide's tiers, or a developer on a server of their own. */
export type Load = ApplicationTier | "developer";

/**
 * Requests a second at the busiest hour, the upper end of what the guide says of each tier; of the last one, which has
 * none, twice its lower end.
 */
const REQUESTS: Readonly<Record<Load, number>> = {
  developer: 1,
  low: 100,
  medium: 500,
  high: 1000,
  "very-high": 2000,
};

/** A working day's average, of its busiest hour: nights are quiet. */
const AVERAGE = 0.5;

/** Rows a second on an average working day. What a stack says of a hypertable goes before what its load suggests. */
export function ingestRates(
  load: Load,
  given: Partial<PerHypertable<number | undefined>> = {},
): PerHypertable<number> {
  const requests = REQUESTS[load] * AVERAGE;
  return perHypertable(
    (table) => given[table] ?? requests * HYPERTABLE_FACTS[table].rows.perRequest,
  );
}
