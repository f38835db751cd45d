import { Cron } from "croner";

/** Backup schedules of the operator: six fields from second to day of the week, in UTC. */

/** The library accepts more than the operator: L, W, # and +, ranges without a start, 7 for Sunday. */
const FIELDS = /^[\da-z*?,-][\da-z*?,/-]*( [\da-z*?,-][\da-z*?,/-]*){5}$/i;
const UNSUPPORTED = /[,-]\/|[\dlw][lw]\b|\bl\b/i;
/** A day of the week above 6, unless it is a step. */
const INVALID_WEEKDAY = /(?<![/\d])0*[7-9]|(?<![/\d])[1-9]\d/;

const DAY = 24 * 60 * 60 * 1000;
/** How far ahead the operator looks. */
const HORIZON = 5 * 365 * DAY;

/** The first two times after a fixed date; independent of today. */
function firstTimes(schedule: string): readonly Date[] {
  const [, , , day = "", , weekday = ""] = fieldsOf(schedule);
  const starred = [day, weekday].some((field) => /(^|,)[*?]/.test(field));
  return new Cron(fieldsOf(schedule).join(" "), {
    mode: "6-part",
    utcOffset: 0,
    sloppyRanges: true,
    // For the operator a star with a step is a star: day of the month and day of the week must both match.
    domAndDow: starred,
  }).nextRuns(2, new Date("2000-01-01T00:00:00Z"));
}

/** Second, minute, hour, day of the month, month, day of the week. */
function fieldsOf(schedule: string): readonly string[] {
  return schedule.trim().split(/\s+/);
}

/**
 * Upper limit of the days between two base backups of a schedule. Only `*` counts as every: a named day of the month
 * recurs after at most 31 days, a day of the week after 7, a month after 366.
 * @param schedule the operator's six fields: second, minute, hour, day of the month, month, day of
 *   the week
 */
export function maxScheduleGapDays(schedule: string): number {
  const [, , , day, month, weekday] = fieldsOf(schedule);
  const each = (field: string | undefined) => field === "*" || field === "?";
  if (!each(month)) return 366;
  if (!each(weekday)) return 7;
  return each(day) ? 1 : 31;
}

/** Whether the operator accepts a schedule, and it ever occurs. */
export function isSchedule(schedule: string): boolean {
  const fields = fieldsOf(schedule);
  const text = fields.join(" ");
  if (!FIELDS.test(text) || UNSUPPORTED.test(text) || INVALID_WEEKDAY.test(fields.at(-1) ?? ""))
    return false;
  try {
    return gap(schedule) < HORIZON;
  } catch {
    return false;
  }
}

/** Whether a valid schedule has several times per day. */
export function isMoreThanDaily(schedule: string): boolean {
  return gap(schedule) < DAY;
}

/** Milliseconds between the first two times. */
function gap(schedule: string): number {
  const [first, second] = firstTimes(schedule);
  return first && second ? second.getTime() - first.getTime() : Infinity;
}
