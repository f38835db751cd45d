import { servedDatabases } from "../../../plan/databases-by-home";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/settings-problems";
import type { Settings } from "../../../../settings/plan/settings-schema";
import { keepingProblems } from "./bucket-keeping-problems";

type Bucket = NonNullable<Settings["backups"]["bucket"]>;

/** A bucket that the stack could not make, or that would not keep what it is made for. */
export function bucketProblems(settings: Settings): readonly Problem[] {
  const { bucket } = settings.backups;
  if (bucket === undefined) return [];
  if (!bucket.managed) return strayLock(bucket);
  return [
    ...managedProblems(settings, bucket),
    ...lockProblems(settings, bucket),
    ...keepingProblems(bucket),
  ];
}

function managedProblems(settings: Settings, bucket: Bucket): readonly Problem[] {
  const { aws } = settings;
  const key = (name: string) => settingKey(["backups", "bucket", name]);
  if (aws === undefined) {
    return [
      {
        key: key("managed"),
        value: "true",
        allowed: "false, or the group aws",
        why: "the stack makes the bucket in the account and region of that group",
      },
    ];
  }
  const foreign = (
    name: "endpoint" | "access" | "role" | "region",
    wrong: boolean,
    allowed: string,
    why: string,
  ): readonly Problem[] =>
    wrong ? [{ key: key(name), value: bucket[name] ?? "", allowed, why }] : [];
  return [
    ...foreign(
      "endpoint",
      bucket.endpoint !== undefined,
      "nothing, with managed",
      "the stack makes a bucket of Amazon S3, which has the address of its region",
    ),
    ...foreign(
      "access",
      bucket.access === "keys",
      "role, with managed",
      "the stack makes roles for the bucket, and no keys that could leak",
    ),
    ...foreign(
      "role",
      bucket.role !== undefined,
      "nothing, with managed",
      "the stack makes a role for each database, which writes and does not delete",
    ),
    ...foreign(
      "region",
      bucket.region !== aws.region,
      `${aws.region}, as aws.region says`,
      "the bucket is made beside the databases; copies go to aws.secondRegion",
    ),
    ...(servedDatabases(settings).length > 0 && aws.cluster === undefined
      ? [
          {
            key: settingKey(["aws", "cluster"]),
            value: "nothing",
            allowed: "the name of the EKS cluster",
            why: "the pods of the databases take on roles for the bucket, and a role trusts one cluster",
          },
        ]
      : []),
  ];
}

/** Object lock: not shorter than what has to be restorable, not longer than what the bucket itself keeps. */
function lockProblems({ backups }: Settings, { lock, retentionDays }: Bucket): readonly Problem[] {
  const days = lock.days ?? backups.retentionDays;
  return [
    ...(days < backups.retentionDays
      ? [
          {
            key: settingKey(["backups", "bucket", "lock", "days"]),
            value: days,
            allowed: `at least ${backups.retentionDays}, as backups.retentionDays says`,
            why: "a backup that has to be restorable could be deleted before its time",
          },
        ]
      : []),
    ...(retentionDays !== undefined && retentionDays < days
      ? [
          {
            key: settingKey(["backups", "bucket", "retentionDays"]),
            value: retentionDays,
            allowed: `at least ${days}, for which each object is locked`,
            why: "the bucket cannot delete what its own lock keeps",
          },
        ]
      : []),
  ];
}

function strayLock({ lock }: Bucket): readonly Problem[] {
  if (lock.days === undefined) return [];
  return [
    {
      key: settingKey(["backups", "bucket", "lock", "days"]),
      value: lock.days,
      allowed: "nothing, unless the bucket is managed",
      why: "a bucket that somebody else made is left as it is, and nothing would be locked",
    },
  ];
}
