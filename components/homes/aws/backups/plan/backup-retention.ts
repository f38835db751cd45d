import { minBucketRetentionDays } from "../../../../backups/plan/backup-days";
import type { BucketBackups } from "../../plan/rds-stack";

/** Days after which a managed bucket deletes an object: from the settings, or the minimum that a restore needs. */
export function bucketRetentionDays(backups: BucketBackups): number {
  return backups.bucket.retentionDays ?? minBucketRetentionDays(backups);
}

/** Days for which object lock protects each version from deletion: by default, for as long as a restore may need it. */
export function lockDays(backups: BucketBackups): number {
  return backups.bucket.lock.days ?? minBucketRetentionDays(backups);
}
