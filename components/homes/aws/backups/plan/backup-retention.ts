import { leastKeptDays } from "../../../../backups/plan/backup-days";
import type { Settings } from "../../../../settings/plan/settings-schema";

/** Settings of a bucket for backups. */
export type BucketSettings = NonNullable<Settings["backups"]["bucket"]>;

/** Days after which a managed bucket deletes an object: those of the settings, or as few as a restore allows. */
export function keptDays(settings: Settings, bucket: BucketSettings): number {
  return bucket.retentionDays ?? leastKeptDays(settings);
}

/** Days for which nobody deletes a version of an object. */
export function lockedDays({ backups }: Settings, { lock }: BucketSettings): number {
  return lock.days ?? backups.retentionDays;
}
