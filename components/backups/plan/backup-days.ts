import { scheduleGap } from "../../text/schedule";
import type { Settings } from "../../settings/plan/settings-stack";

/**
 * Days for which a bucket has to keep its objects so that any point in time of the last `retentionDays` can be
 * restored: the base backup that a point needs is up to a gap of the schedule older, and took up to a day.
 */
export function leastKeptDays({ retentionDays, schedule }: Settings["backups"]): number {
  return retentionDays + scheduleGap(schedule) + 1;
}
