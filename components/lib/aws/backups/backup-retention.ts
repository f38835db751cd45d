import { fieldsOf } from "../../schedule";
import type { Settings } from "../../settings-schema";

/** Settings of a bucket for backups. */
export type BucketSettings = NonNullable<Settings["backups"]["bucket"]>;

/**
 * Days that may lie between two base backups of a schedule; never fewer than it leaves. Only `*` counts as each: a day
 * of the month that is named comes again after 31 days at most, one of the week after 7, a month after 366.
 * @param schedule the operator's six fields: second, minute, hour, day of the month, month, day of the week
 */
export function scheduleGap(schedule: string): number {
  const [, , , day, month, weekday] = fieldsOf(schedule);
  const each = (field: string | undefined) => field === "*" || field === "?";
  if (!each(month)) return 366;
  if (!each(weekday)) return 7;
  return each(day) ? 1 : 31;
}

/**
 * Days for which a bucket has to keep its objects so that any point in time of the last `backups.retentionDays` can be
 * restored: the base backup that a point needs is up to a gap of the schedule older, and took up to a day.
 */
export function leastKeptDays({ backups }: Settings): number {
  return backups.retentionDays + scheduleGap(backups.schedule) + 1;
}

/** Days after which a managed bucket deletes an object: those of the settings, or as few as a restore allows. */
export function keptDays(settings: Settings, bucket: BucketSettings): number {
  return bucket.retentionDays ?? leastKeptDays(settings);
}

/**
 * Days for which a managed bucket keeps a version that was replaced or marked as deleted. Backups that were replaced by
 * nonsense can be brought back for as long as a mistake in the database could be.
 */
export function noncurrentDays({ backups }: Settings): number {
  return backups.retentionDays;
}

/** Days for which nobody deletes a version of an object. */
export function lockedDays({ backups }: Settings, { lock }: BucketSettings): number {
  return lock.days ?? backups.retentionDays;
}

/**
 * Days for which AWS Backup keeps the snapshot of the first of a month, where that is longer than it keeps the daily
 * ones: as long as the bucket keeps its backups. Undefined: no longer.
 */
export function monthlyDays({ backups }: Settings): number | undefined {
  const days = backups.bucket?.retentionDays ?? 0;
  return days >= backups.retentionDays + 31 ? days : undefined;
}
