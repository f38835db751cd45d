import { scheduleGap } from "../../text/schedule";
import type { Settings } from "../../settings/plan/settings-schema";

/**
 * Days for which a bucket has to keep its objects so that any point in time of the last `backups.retentionDays` can be
 * restored: the base backup that a point needs is up to a gap of the schedule older, and took up to a day.
 */
export function leastKeptDays({ backups }: Pick<Settings, "backups">): number {
  return backups.retentionDays + scheduleGap(backups.schedule) + 1;
}
