import type { AwsNames } from "../../plan/aws-names";
import type { BackupSettings, RdsSpec } from "../../plan/rds-stack";
import { backupPlanStart } from "../../database/plan/windows";

/** Snapshots that AWS Backup takes at some times and keeps for as long. */
export interface BackupRule {
  readonly name: "daily" | "monthly";
  /** When, in UTC, as a cron expression of AWS. */
  readonly schedule: string;
  /** Days for which one is kept. */
  readonly keptDays: number;
}

/** How long a vault may hold a snapshot, at least and at most. Days. */
export interface VaultLock {
  readonly least: number;
  readonly most: number;
}

/**
 * The snapshots of a stack. The first of a month is kept longer where the settings keep the bucket's backups longer
 * than a point in time can be restored; of two that begin together AWS Backup takes the one that it keeps longer.
 */
export function backupRules(backups: BackupSettings, database: RdsSpec): readonly BackupRule[] {
  const daily = backupPlanStart(database);
  const months = monthlyDays(backups);
  return [
    { name: "daily", schedule: daily, keptDays: backups.retentionDays },
    ...(months === undefined
      ? []
      : [{ name: "monthly" as const, schedule: firstOfMonth(daily), keptDays: months }]),
  ];
}

/** Bounds in which a vault deletes nothing sooner and keeps nothing longer, whoever asks. */
export function vaultLock(rules: readonly BackupRule[]): VaultLock {
  const days = rules.map(({ keptDays }) => keptDays);
  return { least: Math.min(...days), most: Math.max(...days) };
}

/**
 * Days for which the snapshot of the first of a month is kept, where that is longer than the daily ones: as long as the
 * bucket keeps its backups. Undefined: no longer.
 */
function monthlyDays({ bucket, retentionDays }: BackupSettings): number | undefined {
  const days = bucket?.retentionDays ?? 0;
  return days >= retentionDays + 31 ? days : undefined;
}

/** At the same time of the first day of each month. @throws Error where the schedule is not a daily one */
function firstOfMonth(daily: string): string {
  const [, time] = /^cron\((\d+ \d+) \? \* \* \*\)$/.exec(daily) ?? [];
  if (time === undefined) throw new Error(`${daily} is not a time of each day`);
  return `cron(${time} 1 * ? *)`;
}

/**
 * The tag of a server that the stack's plan of AWS Backup copies: of the primary alone, as a replica has the same rows.
 * Its value is the stack's, so that the plans of two stacks in one account never meet.
 */
export function backupTag({ base }: AwsNames): Readonly<Record<string, string>> {
  return { backup: base };
}
