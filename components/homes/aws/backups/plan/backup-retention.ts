import { leastKeptDays } from "../../../../backups/plan/backup-days";
import type { Settings } from "../../../../settings/plan/settings-schema";

/** Settings of a bucket for backups. */
export type BucketSettings = NonNullable<Settings["backups"]["bucket"]>;

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
