import { type Expression, gauge, NOW, subtract } from "./expression";
import { BOTH, type CatalogueEntry, DAY, HOUR, MINUTE, type Objective } from "./objective";

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

const age = (kind: string): Expression => ({
  gauge: "sark_backup_success_age_seconds",
  where: { kind },
});

const DRILL = { kind: "restore drill" };

/** Objectives of the runs that `public.backup_runs` records in every home. */
export const backupRunObjectives: readonly Objective[] = [
  {
    name: "dump-age",
    title: "time since the last dump",
    subjects: BOTH,
    measure: age("dump"),
    needs: "dumps",
    unit: "seconds",
    good: "below",
    target: 8 * DAY,
    critical: 15 * DAY,
    lasts: HOUR,
    summary: "No dump completed lately. A single table can only be restored as it was then.",
    query: "backup-runs",
    reason: "dumps are at least weekly, and one may take hours",
  },
  {
    name: "backup-run-failed",
    title: "newest backup or dump failed",
    subjects: BOTH,
    measure: { gauge: "sark_backup_failing", except: DRILL },
    unit: "count",
    good: "below",
    target: 0,
    lasts: 5 * MINUTE,
    summary: "The newest base backup or dump failed. Only older ones can be restored.",
    query: "backup-runs",
    reason: "the next scheduled one is hours or days away",
  },
  {
    name: "restore-drill-age",
    title: "time since a backup was restored",
    subjects: BOTH,
    measure: age(DRILL.kind),
    needs: "drills",
    unit: "seconds",
    good: "below",
    target: 8 * DAY,
    critical: 15 * DAY,
    lasts: HOUR,
    summary: "No restore drill succeeded lately. Nobody knows whether the backups can be restored.",
    query: "backup-runs",
    reason: "drills are weekly: one was missed, or two",
  },
  {
    name: "restore-drill-failed",
    title: "newest restore drill failed",
    subjects: BOTH,
    measure: { gauge: "sark_backup_failing", where: DRILL },
    unit: "count",
    good: "below",
    critical: 0,
    lasts: 5 * MINUTE,
    summary: "The newest restore drill failed. The backups may be useless.",
    query: "backup-runs",
    reason: "until the cause is known, there may be no backup",
  },
];
