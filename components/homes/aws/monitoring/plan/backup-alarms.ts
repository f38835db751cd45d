import { DAY, HOUR } from "../../../../objectives/plan/objective";
import type { Overrides } from "../../../../objectives/plan/catalogue";
import type { Alarm, Watch } from "./alarm-definition";
import { alarmsOn } from "./objective-alarms";

/** CloudWatch evaluates a week at most. */
const WEEK = 7;

/**
 * How CloudWatch watches the snapshots in an AWS Backup vault.
 * @param copied whether its snapshots are copied to another region
 */
function vaultWatches(copied: boolean): readonly Watch[] {
  return [
    failed("backup-failed", "backup-failed", "NumberOfBackupJobsFailed"),
    ...(copied ? [failed("copy-failed", "backup-copy-failed", "NumberOfCopyJobsFailed")] : []),
    {
      name: "backup-missing",
      objective: "backup-age",
      unit: "completed jobs a day",
      measure: { metric: "NumberOfBackupJobsCompleted", statistic: "Sum" },
      side: "below",
      // CloudWatch knows no age, so the alarm counts days without a completed job.
      condition: (limit) => ({
        threshold: 1,
        period: DAY,
        periods: Math.min(WEEK, Math.max(1, Math.ceil(limit / DAY))),
      }),
      action:
        "Check in AWS Backup that the plan still has a schedule and selects the server by its tag.",
    },
  ];
}

/** Alarms on an AWS Backup vault. */
export function vaultAlarms(copied: boolean, overrides: Overrides = {}): readonly Alarm[] {
  return vaultWatches(copied).flatMap((watch) => alarmsOn(watch, overrides));
}

function failed(
  name: string,
  objective: string,
  metric: "NumberOfBackupJobsFailed" | "NumberOfCopyJobsFailed",
): Watch {
  return {
    name,
    objective,
    unit: "failed jobs an hour",
    measure: { metric, statistic: "Sum" },
    condition: (threshold) => ({
      threshold,
      period: HOUR,
      periods: 1,
      missingData: "notBreaching",
    }),
    action:
      "Read the reason in the job's details, and start a job by hand; the next scheduled job tries again.",
  };
}
