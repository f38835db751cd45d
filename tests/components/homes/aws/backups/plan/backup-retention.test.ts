import {
  backupRules,
  vaultLock,
} from "../../../../../../components/homes/aws/backups/plan/vault-plan";
import {
  bucketRetentionDays,
  lockDays,
} from "../../../../../../components/homes/aws/backups/plan/backup-retention";
import { minBucketRetentionDays } from "../../../../../../components/backups/plan/backup-days";
import { bucketPath } from "../../../../../../components/backups/plan/bucket-path";
import { backupPlanStart } from "../../../../../../components/homes/aws/database/plan/windows";
import { maxScheduleGapDays } from "../../../../../../components/text/schedule";
import type { BucketBackups } from "../../../../../../components/homes/aws/plan/rds-stack";
import { stackOf } from "../../../kubernetes/plan/kubernetes-stack";
import { stackOf as rdsStack } from "../../plan/aws-stack";

function backups(more: object, given: object = {}): BucketBackups {
  const settings = stackOf({
    backups: { bucket: { path: "s3://sark-backups", ...given }, ...more },
  });
  const { bucket } = settings.backups;
  if (!bucket) throw new Error("no bucket");
  return { ...settings.backups, bucket };
}

it.each([
  ["0 0 2 * * *", 1],
  ["0 30 2,14 * * *", 1],
  ["0 0 2 ? * ?", 1],
  ["0 0 2 * * 0", 7],
  ["0 0 2 1 * 0", 7],
  ["0 0 2 1 * *", 31],
  ["0 0 2 */2 * *", 31],
  ["0 0 2 1 1 *", 366],
  ["0 0 2 * 1 1", 366],
])("base backups on schedule %s are at most %i days apart", (schedule, days) => {
  expect(maxScheduleGapDays(schedule)).toBe(days);
});

it("leastKeptDays keeps the base backup that the earliest point in time needs", () => {
  expect(minBucketRetentionDays(backups({ retentionDays: 14 }))).toBe(16);
  expect(minBucketRetentionDays(backups({ retentionDays: 35, schedule: "0 0 2 * * 0" }))).toBe(43);
});

it("a managed bucket keeps objects for its retentionDays, or for the minimum of a restore", () => {
  const explicit = backups({ retentionDays: 30 }, { retentionDays: 365 });
  const computed = backups({ retentionDays: 30 });
  expect(bucketRetentionDays(explicit)).toBe(365);
  expect(bucketRetentionDays(computed)).toBe(32);
});

it("a managed bucket locks objects for as long as a restore needs the oldest base backup, or for lock.days", () => {
  const usual = backups({ retentionDays: 30 });
  const longer = backups({ retentionDays: 30 }, { lock: { days: 90 } });
  expect(lockDays(usual)).toBe(32);
  expect(lockDays(backups({ retentionDays: 30, schedule: "0 0 2 * * 0" }))).toBe(38);
  expect(lockDays(longer)).toBe(90);
});

describe("AWS Backup rules", () => {
  const { sark: database } = rdsStack();

  it("add monthly snapshots to daily ones when the bucket keeps backups 31 days longer", () => {
    const short = backups({ retentionDays: 30 }, { retentionDays: 60 });
    const long = backups({ retentionDays: 30 }, { retentionDays: 61 });
    const daily = { name: "daily", schedule: backupPlanStart(database), keptDays: 30 };
    expect(backupRules(short, database)).toEqual([daily]);
    const [, monthly] = backupRules(long, database);
    expect(monthly).toMatchObject({ name: "monthly", keptDays: 61 });
    const time = /^cron\((\d+ \d+) \? \* \* \*\)$/.exec(daily.schedule)?.[1];
    expect(monthly?.schedule).toBe(`cron(${time} 1 * ? *)`);
    expect(vaultLock(backupRules(short, database))).toEqual({ minDays: 30, maxDays: 30 });
    expect(vaultLock(backupRules(long, database))).toEqual({ minDays: 30, maxDays: 61 });
  });

  it("are daily only without a bucket", () => {
    const settings = stackOf({ backups: { retentionDays: 14, bucket: undefined } });
    expect(backupRules(settings.backups, database).map(({ name }) => name)).toEqual(["daily"]);
  });
});

it.each([
  ["s3://sark-backups", "sark-backups", ""],
  ["s3://sark-backups/", "sark-backups", ""],
  ["s3://sark-backups/a/b/", "sark-backups", "a/b"],
])("bucketPath splits %s into bucket and folder", (path, bucket, folder) => {
  expect(bucketPath(path)).toEqual({ bucket, folder });
});
