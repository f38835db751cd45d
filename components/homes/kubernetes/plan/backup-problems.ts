import { isRegion } from "../../aws/plan/regions";
import { minBucketRetentionDays } from "../../../backups/plan/backup-days";
import { recoveryProblems } from "../../../backups/plan/recovery-problems";
import { quoted } from "../../../text/printable";
import { compact } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { isMoreThanDaily } from "../../../text/schedule";
import { settingKey } from "../../../settings/plan/setting-key";
import type { Backups, ClusteredDatabase } from "./cluster-stack";
import { settingsGroup } from "../../../settings/plan/database-settings";

/** Problems of backups that could not be restored, and of recoveries that could not work. */
export function backupProblems(
  backups: Backups,
  clusters: readonly ClusteredDatabase[],
  protection: boolean,
  now: Date,
): readonly Problem[] {
  return [
    ...bucketProblems(backups, protection),
    ...clusters.flatMap((cluster) => [
      ...recoveryProblems(cluster, backups.bucket ? undefined : "backups.bucket", now),
      ...oldNameProblems(cluster),
    ]),
  ];
}

/** Warnings about a schedule that is probably a mistake, or more expensive than expected. */
export function scheduleWarnings({ bucket, schedule }: Backups): readonly string[] {
  if (bucket === undefined || !isMoreThanDaily(schedule)) return [];
  return [
    `${settingKey(["backups", "schedule"])} is ${quoted(schedule)}, which takes more than one base backup a day, each of ` +
      "the whole server. The first field is seconds. One a day is enough: archived WAL restores any point in between.",
  ];
}

function bucketProblems(backups: Backups, protection: boolean): readonly Problem[] {
  const { bucket, retentionDays, schedule } = backups;
  if (bucket === undefined) {
    return compact(
      protection && {
        key: settingKey(["backups", "bucket"]),
        value: "nothing",
        allowed: "a bucket, or protection turned off",
        why: "a protected stack needs backups: without them, lost volumes cannot be restored",
      },
    );
  }
  const least = minBucketRetentionDays(backups);
  return compact<Problem>(
    bucket.retentionDays !== undefined &&
      bucket.retentionDays < least && {
        key: settingKey(["backups", "bucket", "retentionDays"]),
        value: bucket.retentionDays,
        allowed: `at least ${least}, or a shorter backups.retentionDays`,
        why: `restoring any point of the last ${retentionDays} days needs an older base backup, and backups.schedule is ${quoted(schedule)}`,
      },
    bucket.endpoint === undefined &&
      !isRegion(bucket.region) && {
        key: settingKey(["backups", "bucket", "region"]),
        value: bucket.region,
        allowed: "a region such as eu-central-1, or backups.bucket.endpoint set to other storage",
        why: "Amazon rejects requests signed for another region",
      },
    bucket.access === "keys" &&
      bucket.role !== undefined && {
        key: settingKey(["backups", "bucket", "role"]),
        value: bucket.role,
        allowed: "unset when access is keys",
        why: "servers authenticate with keys or with a role, not both",
      },
  );
}

/** Problems of names of clusters from before a change of names. */
function oldNameProblems({ database, recovery }: ClusteredDatabase): readonly Problem[] {
  const { generation = 0, oldNames = 0 } = recovery ?? {};
  return compact<Problem>(
    oldNames > generation && {
      key: settingKey([settingsGroup(database), "recovery", "oldNames"]),
      value: oldNames,
      allowed: `at most generation (${generation})`,
      why: "only existing clusters have old names",
    },
  );
}
