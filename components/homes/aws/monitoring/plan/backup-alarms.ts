import { type Alarm, DAY, HOUR } from "./shape";

/**
 * What is watched of a vault of AWS Backup: that its jobs succeed, and that there are any.
 * @param copied whether its snapshots are copied to another region
 */
export function vaultAlarms(copied: boolean): readonly Alarm[] {
  const lost = "A snapshot was not copied to the second region.";
  return [
    failed(
      "backup-failed",
      "NumberOfBackupJobsFailed",
      "AWS Backup took no snapshot: a job failed.",
    ),
    ...(copied ? [failed("copy-failed", "NumberOfCopyJobsFailed", lost)] : []),
    {
      name: "backup-missing",
      severity: "critical",
      measure: { metric: "NumberOfBackupJobsCompleted", statistic: "Sum" },
      trouble: "below",
      threshold: 1,
      // A day may end before its backup does.
      period: DAY,
      periods: 2,
      missing: "breaching",
      summary: "AWS Backup has finished no snapshot for two days.",
      action:
        "See in AWS Backup whether the plan still has a schedule and finds the server by its tag.",
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
    missing: "notBreaching",
    summary,
    action:
      "AWS Backup names the reason with the job; the next one tries again. Start one by hand meanwhile.",
  };
}
