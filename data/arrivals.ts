/** Times of events: more by day than by night, more on weekdays than at weekends, and some arrive late. Pure. */
import type { Lateness } from "../components/hypertables/plan/hypertable-facts";
import type { Random } from "./random";

/** All times are in microseconds, as in PostgreSQL. A JavaScript number holds them exactly until 2255. */
export const SECOND = 1_000_000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;

/**
 * Load of each hour of a working day (UTC), relative to the busiest: users of one continent, with a dip at noon, plus
 * programs that run all day.
 */
const HOURS = [
  0.12, 0.1, 0.09, 0.09, 0.1, 0.14, 0.28, 0.55, 0.86, 0.98, 1, 0.94, 0.78, 0.9, 0.98, 0.95, 0.85,
  0.62, 0.42, 0.33, 0.28, 0.24, 0.19, 0.15,
];
/** Load of Saturday and Sunday, as a share of a working day's. */
const WEEKEND = 0.3;

/** The load of the hour that contains a time. */
export function hourlyLoad(at: number): number {
  const time = new Date(at / 1000);
  const weekend = [0, 6].includes(time.getUTCDay());
  return (HOURS[time.getUTCHours()] ?? 0) * (weekend ? WEEKEND : 1);
}

/**
 * Times in ascending order, from `start` up to but excluding `end`, in microseconds. Within an hour they are evenly
 * spread, each shifted at random within its share.
 */
export function* arrivals(
  start: number,
  end: number,
  count: number,
  random: Random,
): Generator<number> {
  const steps = Math.ceil((end - start) / HOUR);
  const stepAt = (step: number): number => Math.min(start + step * HOUR, end);
  const weightOf = (step: number): number =>
    hourlyLoad(stepAt(step)) * (stepAt(step + 1) - stepAt(step));
  let total = 0;
  for (let step = 0; step < steps; step++) total += weightOf(step);

  let weight = 0;
  let done = 0;
  for (let step = 0; step < steps; step++) {
    weight += weightOf(step);
    const upTo = step === steps - 1 ? count : Math.round((count * weight) / total);
    const share = (stepAt(step + 1) - stepAt(step)) / (upTo - done);
    for (let i = 0; done < upTo; i++, done++) {
      yield Math.floor(stepAt(step) + (i + random.float()) * share);
    }
  }
}

/**
 * The time of the event that arrives at `arrival`. Most late events are late by minutes: a delay of one to ten minutes
 * is as likely as one of ten to a hundred.
 * @param start the earliest possible time
 */
export function eventTime(
  arrival: number,
  start: number,
  { share, hours }: Lateness,
  random: Random,
): number {
  if (!random.chance(share)) return arrival;
  const shortest = Math.min(60 * SECOND, hours * HOUR);
  const delay = shortest * ((hours * HOUR) / shortest) ** random.float();
  return Math.max(start, Math.floor(arrival - delay));
}

/** A time as PostgreSQL text, to the microsecond. */
export function timestamp(at: number): string {
  const seconds = new Date(Math.floor(at / SECOND) * 1000).toISOString().slice(0, 19);
  return `${seconds.replace("T", " ")}.${String(at % SECOND).padStart(6, "0")}+00`;
}
