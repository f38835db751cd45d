/** Allowed chunk intervals in hours: divisors of a day, a day, and a week. */
export const ALLOWED_HOURS = [1, 2, 3, 4, 6, 8, 12, 24, 168] as const;

/** Largest step of the ladder up to this length; the smallest step if all are longer. */
export function roundDownHours(hours: number): number {
  return ALLOWED_HOURS.findLast((step) => step <= hours) ?? ALLOWED_HOURS[0];
}

/** Readable text: `6 hours`, `1 day`. */
export function formatInterval(hours: number): string {
  const [count, unit] = hours % 24 === 0 ? [hours / 24, "day"] : [hours, "hour"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/**
 * Parses text of {@link formatInterval}, or a number of days, into hours.
 * @throws {RangeError} for any other text
 */
export function parseIntervalHours(text: string): number {
  const [, count, unit] = /^(\d+) (hour|day)s?$/.exec(text) ?? [];
  if (count === undefined) throw new RangeError(`not a number of hours or days: ${text}`);
  return Number(count) * (unit === "day" ? 24 : 1);
}

/** In PostgreSQL's notation: `06:00:00`, `1 day`. */
export function postgresInterval(text: string): string {
  const hours = parseIntervalHours(text);
  return hours % 24 === 0 ? formatInterval(hours) : `${String(hours).padStart(2, "0")}:00:00`;
}
