import { type Alarm, DAY, HOUR } from "./alarm-definition";

/**
 * Alarms on an AWS Backup vault: failed jobs, and no completed job for two days.
 * @param copied whether its snapshots are copied to another region
 */
export function vaultAlarms(copied: boolean): readonly Alarm[] {
  const copyFailed = "AWS Backup copy job failed. The second region lacks a snapshot.";
  return [
    failed(
      "backup-failed",
      "NumberOfBackupJobsFailed",
      "AWS Backup job failed. No snapshot was taken.",
    ),
    ...(copied ? [failed("copy-failed", "NumberOfCopyJobsFailed", copyFailed)] : []),
    {
      name: "backup-missing",
      severity: "critical",
      measure: { metric: "NumberOfBackupJobsCompleted", statistic: "Sum" },
      side: "below",
      threshold: 1,
      // A backup may finish after the day it started on.
      period: DAY,
      periods: 2,
      missingData: "breaching",
      summary: "No AWS Backup snapshot completed for two days. The vault has no recent copy.",
      action:
        "Check in AWS Backup that the plan still has a schedule and selects the server by its tag.",
    },
  ];
}

function failed(
  name: string,
  metric: "NumberOfBackupJobsFailed" | "NumberOfCopyJobsFailed",
  summary: string,
): Alarm {
  return {
    name,
    severity: "critical",
    measure: { metric, statistic: "Sum" },
    threshold: 0,
    period: HOUR,
    periods: 1,
    missingData: "notBreaching",
    summary,
    action:
      "Read the reason in the job's details, and start a job by hand; the next scheduled job tries again.",
  };
}
