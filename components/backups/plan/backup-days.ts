import { maxScheduleGapDays } from "../../text/schedule";
import type { Settings } from "../../settings/plan/settings-stack";

/**
 * Days for which a bucket must keep objects so that any point in the last `retentionDays` can be restored. The required
 * base backup is older by up to one gap of the schedule, and took up to a day.
 */
export function minBucketRetentionDays({ retentionDays, schedule }: Settings["backups"]): number {
  return retentionDays + maxScheduleGapDays(schedule) + 1;
}
