import { leastKeptDays } from "../../../../backups/plan/backup-days";
import type { BucketBackups } from "../../plan/rds-stack";

/** Days after which a managed bucket deletes an object: from the settings, or the minimum that a restore needs. */
export function keptDays(backups: BucketBackups): number {
  return backups.bucket.retentionDays ?? leastKeptDays(backups);
}

/** Days for which object lock protects each version from deletion. */
export function lockedDays({ bucket, retentionDays }: BucketBackups): number {
  return bucket.lock.days ?? retentionDays;
}
