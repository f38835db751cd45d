/**
 * Friday noon: the start of the clock of a TimescaleDB in the process of a test. The rows that a test generates, its
 * working days and its weekends are then the same on every date, and no hour ends during a test.
 */
export const NOW = new Date("2026-05-15T12:00:00Z");

/** Midnight (UTC), `daysAgo` days before a time. */
export function midnight(daysAgo: number, now = NOW): Date {
  return new Date(new Date(now).setUTCHours(0, 0, 0, 0) - daysAgo * 86_400_000);
}

/** The day in UTC, as `2026-01-31`. */
export function dayIn(at: Date): string {
  return at.toISOString().slice(0, 10);
}
