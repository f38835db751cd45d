import { scheduleGap } from "../../text/schedule";

/**
 * Days for which a bucket has to keep its objects so that any point in time of the last `retentionDays` can be
 * restored: the base backup that a point needs is up to a gap of the schedule older, and took up to a day.
 */
export function leastKeptDays({
  retentionDays,
  schedule,
}: {
  readonly retentionDays: number;
  readonly schedule: string;
}): number {
  return retentionDays + scheduleGap(schedule) + 1;
}
