import type { AwsNames } from "../../plan/aws-names";
import type { BackupSettings, RdsSpec } from "../../plan/rds-stack";
import { backupPlanStart } from "../../database/plan/windows";

/** A rule of an AWS Backup plan: schedule and retention of snapshots. */
export interface BackupRule {
  readonly name: "daily" | "monthly";
  /** AWS cron expression, in UTC. */
  readonly schedule: string;
  /** Days for which a snapshot is kept. */
  readonly keptDays: number;
}

/** Minimum and maximum retention of a vault, in days. */
export interface VaultLock {
  readonly minDays: number;
  readonly maxDays: number;
}

/**
 * Rules of a stack's AWS Backup plan. The first snapshot of a month is kept longer if the settings keep the bucket's
 * backups at least 31 days longer than point-in-time recovery. When two rules start together, AWS Backup uses the
 * longer retention.
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

/** Vault lock: nobody can delete a snapshot before the minimum, or keep one beyond the maximum. */
export function vaultLock(rules: readonly BackupRule[]): VaultLock {
  const days = rules.map(({ keptDays }) => keptDays);
  return { minDays: Math.min(...days), maxDays: Math.max(...days) };
}

/**
 * Days for which monthly snapshots are kept: as long as the bucket keeps backups. Undefined without monthly snapshots.
 */
function monthlyDays({ bucket, retentionDays }: BackupSettings): number | undefined {
  const days = bucket?.retentionDays ?? 0;
  return days >= retentionDays + 31 ? days : undefined;
}

/** The same time on the first day of each month. @throws Error when the schedule is not daily */
function firstOfMonth(daily: string): string {
  const [, time] = /^cron\((\d+ \d+) \? \* \* \*\)$/.exec(daily) ?? [];
  if (time === undefined) throw new Error(`${daily} is not a daily schedule`);
  return `cron(${time} 1 * ? *)`;
}

/**
 * Tag by which the stack's AWS Backup plan selects a server. Only the server that accepts writes has it, as a replica
 * has the same data. Its value contains the stack's name, so plans of two stacks in one account never collide.
 */
export function backupTag({ base }: AwsNames): Readonly<Record<string, string>> {
  return { backup: base };
}
