/** When things happen: more by day than by night, more on weekdays than at the weekend, and some are told late. Pure. */
import type { Lateness } from "../components/hypertables/plan/hypertable-facts";
import type { Random } from "./random";

/** Microseconds, the unit of every time here: PostgreSQL's own, and a JavaScript number holds them until 2255. */
export const SECOND = 1_000_000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;

/**
 * How busy each hour of a working day is (UTC), the busiest being 1: people of one continent, with a dip at noon, over
 * the programs that never sleep.
 */
const HOURS = [
  0.12, 0.1, 0.09, 0.09, 0.1, 0.14, 0.28, 0.55, 0.86, 0.98, 1, 0.94, 0.78, 0.9, 0.98, 0.95, 0.85,
  0.62, 0.42, 0.33, 0.28, 0.24, 0.19, 0.15,
];
/** Saturday and Sunday have this share of a working day. */
const WEEKEND = 0.3;

/** How busy the hour is in which a time lies. */
export function busyness(at: number): number {
  const time = new Date(at / 1000);
  const weekend = [0, 6].includes(time.getUTCDay());
  return (HOURS[time.getUTCHours()] ?? 0) * (weekend ? WEEKEND : 1);
}

/**
 * Times in ascending order, from `start` up to and without `end`, in microseconds. Within an hour they are spread
 * evenly, each shifted at random within its share.
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
    busyness(stepAt(step)) * (stepAt(step + 1) - stepAt(step));
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
 * When that happened which arrives at `arrival`. Of what is late, most is late by minutes: a delay is as likely between
 * one and ten minutes as between ten and a hundred.
 * @param start nothing happened before
 */
export function happened(
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

/** As PostgreSQL reads it, to the microsecond. */
export function timestamp(at: number): string {
  const seconds = new Date(Math.floor(at / SECOND) * 1000).toISOString().slice(0, 19);
  return `${seconds.replace("T", " ")}.${String(at % SECOND).padStart(6, "0")}+00`;
}
