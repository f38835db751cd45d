import { type CatalogueEntry, DAY, HOUR } from "./objective";

/** Objectives of the snapshots that AWS Backup takes of a server on RDS. */
export const backupObjectives: readonly CatalogueEntry[] = [
  {
    name: "backup-failed",
    title: "failed backups in an hour",
    subjects: ["sark"],
    unit: "count",
    good: "below",
    critical: 0,
    lasts: HOUR,
    summary: "A backup failed. No snapshot was taken.",
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
    subjects: ["sark"],
    unit: "seconds",
    good: "below",
    critical: 2 * DAY,
    lasts: HOUR,
    missingIsBad: true,
    summary: "No backup completed lately. A restore would lose days.",
    reason: "backups are daily, and one may finish on the day after it started",
  },
];
