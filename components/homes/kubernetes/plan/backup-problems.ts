import { isRegion } from "../../aws/plan/regions";
import { leastKeptDays } from "../../../backups/plan/backup-days";
import { quoted } from "../../../text/printable";
import { present } from "../../../text/present";
import type { Problem } from "../../../text/problem";
import { isMoreThanDaily } from "../../../text/schedule";
import { settingKey } from "../../../settings/plan/setting-key";
import type { Backups, ClusteredDatabase } from "./cluster-stack";
import { settingsName } from "../../../settings/plan/database-settings";

/** Backups that could not be restored from, and recoveries that could not be made. */
export function backupProblems(
  backups: Backups,
  clusters: readonly ClusteredDatabase[],
  protection: boolean,
  now: Date,
): readonly Problem[] {
  return [
    ...bucketProblems(backups, protection),
    ...clusters.flatMap((cluster) => recoveryProblems(cluster, backups, now)),
  ];
}

/** A schedule that was meant otherwise, or that costs more than anybody expects. */
export function scheduleWarnings({ bucket, schedule }: Backups): readonly string[] {
  if (bucket === undefined || !isMoreThanDaily(schedule)) return [];
  return [
    `${settingKey(["backups", "schedule"])} is ${quoted(schedule)}, which takes more than one base backup a day, each of ` +
      "the whole server. The first field is seconds. One a day is enough: the archived log restores any point between.",
  ];
}

function bucketProblems(backups: Backups, protection: boolean): readonly Problem[] {
  const { bucket, retentionDays, schedule } = backups;
  if (bucket === undefined) {
    return present(
      protection && {
        key: settingKey(["backups", "bucket"]),
        value: "nothing",
        allowed: "a bucket, or protection turned off",
        why: "without backups a protected stack could not be restored after a loss of its volumes",
      },
    );
  }
  const least = leastKeptDays(backups);
  return present<Problem>(
    bucket.retentionDays !== undefined &&
      bucket.retentionDays < least && {
        key: settingKey(["backups", "bucket", "retentionDays"]),
        value: bucket.retentionDays,
        allowed: `at least ${least}, or a shorter backups.retentionDays`,
        why: `a point in time of the last ${retentionDays} days needs a base backup from before it, and those are taken by ${quoted(schedule)}`,
      },
    bucket.endpoint === undefined &&
      !isRegion(bucket.region) && {
        key: settingKey(["backups", "bucket", "region"]),
        value: bucket.region,
        allowed: "a region such as eu-central-1, unless backups.bucket.endpoint is other storage",
        why: "Amazon refuses requests that are signed for another",
      },
    bucket.access === "keys" &&
      bucket.role !== undefined && {
        key: settingKey(["backups", "bucket", "role"]),
        value: bucket.role,
        allowed: "nothing, with access by keys",
        why: "the servers log in with one or the other",
      },
  );
}

function recoveryProblems(
  { database, recovery }: ClusteredDatabase,
  { bucket }: Backups,
  now: Date,
): readonly Problem[] {
  if (recovery === undefined) return [];
  const { generation, from, time, oldNames } = recovery;
  const path = [settingsName(database), "recovery"];
  return present<Problem>(
    bucket === undefined && {
      key: settingKey(path),
      value: `generation ${generation}`,
      allowed: "nothing without backups.bucket",
      why: "there is no backup to recover from",
    },
    from !== undefined &&
      from >= generation && {
        key: settingKey([...path, "from"]),
        value: from,
        allowed: `less than generation, ${generation}`,
        why: "a cluster is made from the backup of one before it, and writes to an archive of its own",
      },
    oldNames !== undefined &&
      oldNames > generation && {
        key: settingKey([...path, "oldNames"]),
        value: oldNames,
        allowed: `at most generation, ${generation}`,
        why: "only clusters that exist have old names",
      },
    time !== undefined &&
      new Date(time) > now && {
        key: settingKey([...path, "time"]),
        value: time,
        allowed: "a time that has passed",
        why: "the archive ends before it, and the recovery would wait for what never comes",
      },
  );
}
