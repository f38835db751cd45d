import type { ApplicationTier } from "../../connections/plan/application-tiers";
import { HYPERTABLE_FACTS, perHypertable, type PerHypertable } from "./hypertable-facts";

/** Source of the requests: an application of one of the guide's tiers, or a developer on their own server. */
export type Load = ApplicationTier | "developer";

/**
 * Requests per second in the busiest hour: the upper end of the guide's range for each tier; the last tier has no upper
 * end, so twice its lower end.
 */
const PEAK_REQUESTS: Readonly<Record<Load, number>> = {
  developer: 1,
  low: 100,
  medium: 500,
  high: 1000,
  "very-high": 2000,
};

/** Ratio of a working day's average to its busiest hour: nights are quiet. */
const AVERAGE_TO_PEAK = 0.5;

/** Rows per second on an average working day. Rates in the settings override those of the load. */
export function ingestRates(
  load: Load,
  given: Partial<PerHypertable<number | undefined>> = {},
): PerHypertable<number> {
  const requests = PEAK_REQUESTS[load] * AVERAGE_TO_PEAK;
  return perHypertable(
    (table) => given[table] ?? requests * HYPERTABLE_FACTS[table].rows.perRequest,
  );
}
