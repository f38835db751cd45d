import { gauge, NOW, subtract } from "./expression";
import { BOTH, type CatalogueEntry, DAY, HOUR, type Objective } from "./objective";

/** Metrics of CloudNativePG's Barman Cloud plugin: when backups ended, in seconds since 1970; 0 before the first. */
const SUCCEEDED = gauge("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp");
const FAILED = gauge("barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp");

/** Objectives of base backups on Kubernetes, and of the snapshots that AWS Backup takes of a server on RDS. */
export const backupObjectives: readonly (CatalogueEntry | Objective)[] = [
  {
    name: "backup-failed",
    title: "failed backups",
    subjects: BOTH,
    // 1 if the latest attempt failed.
    measure: { operator: ">", left: FAILED, right: SUCCEEDED },
    needs: "backups",
    unit: "count",
    good: "below",
    critical: 0,
    lasts: HOUR,
    summary: "A backup failed. The newest one is older than planned.",
    query: "archive-metrics",
    reason: "the next scheduled one is hours away",
  },
  {
    name: "backup-copy-failed",
    title: "failed copies of a backup in an hour",
    subjects: ["sark"],
    unit: "count",
    good: "below",
    critical: 0,
    lasts: HOUR,
    summary: "A copy of a backup failed. The second region lacks a snapshot.",
    reason: "as for backup-failed",
  },
  {
    name: "backup-age",
    title: "time since the last backup",
    subjects: BOTH,
    measure: subtract(NOW, SUCCEEDED),
    needs: "backups",
    unit: "seconds",
    good: "below",
    critical: 2 * DAY,
    lasts: HOUR,
    missingIsBad: true,
    summary: "No backup completed lately. A restore takes long, or loses days.",
    query: "archive-metrics",
    reason: "backups are daily, and one may finish on the day after it started",
  },
];
