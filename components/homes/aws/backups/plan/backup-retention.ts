import { leastKeptDays } from "../../../../backups/plan/backup-days";
import type { BucketBackups } from "../../plan/rds-stack";

/** Days after which a managed bucket deletes an object: those of the settings, or as few as a restore allows. */
export function keptDays(backups: BucketBackups): number {
  return backups.bucket.retentionDays ?? leastKeptDays(backups);
}

/** Days for which nobody deletes a version of an object. */
export function lockedDays({ bucket, retentionDays }: BucketBackups): number {
  return bucket.lock.days ?? retentionDays;
}
