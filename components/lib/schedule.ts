import { Cron } from "croner";

/** Schedules of the operator for backups: six fields from second to day of the week, in UTC. */

/** The library knows more than the operator: L, W, # and +, ranges without a beginning, 7 for Sunday. */
const FIELDS = /^[\da-z*?,-][\da-z*?,/-]*( [\da-z*?,-][\da-z*?,/-]*){5}$/i;
const FOREIGN = /[,-]\/|[\dlw][lw]\b|\bl\b/i;
const SUNDAY = / (?:\S*[,-])?7(?:[,-]\S*)?$/;

const DAY = 24 * 60 * 60 * 1000;

/** The first times after the beginning of a day; the same on every date. */
function firstTimes(schedule: string): readonly Date[] {
  return new Cron(schedule, { mode: "6-part", utcOffset: 0, sloppyRanges: true }).nextRuns(
    2,
    new Date("2000-01-01T00:00:00Z"),
  );
}

/** Whether the operator knows a schedule, and its time ever comes. */
export function isSchedule(schedule: string): boolean {
  if (!FIELDS.test(schedule) || FOREIGN.test(schedule) || SUNDAY.test(schedule)) return false;
  try {
    return firstTimes(schedule).length > 0;
  } catch {
    return false;
  }
}

/** Whether a schedule that is one has several times on one day. */
export function isMoreThanDaily(schedule: string): boolean {
  const [first, second] = firstTimes(schedule);
  return first !== undefined && second !== undefined && second.getTime() - first.getTime() < DAY;
}
