import { compact } from "../../../../text/present";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { AwsSettings, BackupSettings, BucketBackups } from "../../plan/rds-stack";
import { lockDays } from "./backup-retention";
import { minBucketRetentionDays } from "../../../../backups/plan/backup-days";
import { bucketPath } from "../../../../backups/plan/bucket-path";
import { LONGEST_BUCKET_NAME } from "./bucket-names";

const key = (...path: readonly string[]) => settingKey(["backups", "bucket", ...path]);

/**
 * Problems of the backup bucket: the stack could not create it, or it would not keep backups long enough.
 * @param pods whether the stack runs pods on Kubernetes
 */
export function bucketProblems(
  backups: BackupSettings,
  aws: AwsSettings | undefined,
  pods: boolean,
): readonly Problem[] {
  const { bucket } = backups;
  if (bucket?.managed) {
    return [
      ...managedProblems(bucket, aws, pods),
      ...lockProblems({ ...backups, bucket }),
      ...keepingProblems(bucket),
    ];
  }
  return compact(
    bucket?.lock.days !== undefined && {
      key: key("lock", "days"),
      value: bucket.lock.days,
      allowed: "nothing, unless the bucket is managed",
      why: "the program does not change a bucket that is not managed, so nothing would be locked",
    },
  );
}

function managedProblems(
  bucket: BucketBackups["bucket"],
  aws: AwsSettings | undefined,
  pods: boolean,
): readonly Problem[] {
  if (aws === undefined) {
    return [
      {
        key: key("managed"),
        value: "true",
        allowed: "false, or the group aws",
        why: "the stack creates the bucket in the account and region of that group",
      },
    ];
  }
  return compact<Problem>(
    bucket.endpoint !== undefined && {
      key: key("endpoint"),
      value: bucket.endpoint,
      allowed: "nothing, with managed",
      why: "the stack creates a bucket on Amazon S3, which has the endpoint of its region",
    },
    bucket.access === "keys" && {
      key: key("access"),
      value: bucket.access,
      allowed: "role, with managed",
      why: "the stack creates roles for the bucket, not keys that could leak",
    },
    bucket.role !== undefined && {
      key: key("role"),
      value: bucket.role,
      allowed: "nothing, with managed",
      why: "the stack creates a role for each database, which can write but not delete",
    },
    bucket.region !== aws.region && {
      key: key("region"),
      value: bucket.region,
      allowed: `${aws.region}, like aws.region`,
      why: "the bucket is in the region of the databases; copies go to aws.secondRegion",
    },
    pods &&
      aws.cluster === undefined && {
        key: settingKey(["aws", "cluster"]),
        value: "nothing",
        allowed: "the name of the EKS cluster",
        why: "database pods assume roles for the bucket, and a role trusts one cluster",
      },
  );
}

/** Problems of object lock: shorter than a restore may need an object, or longer than the bucket keeps objects. */
function lockProblems(backups: BucketBackups): readonly Problem[] {
  const { retentionDays } = backups.bucket;
  const days = lockDays(backups);
  const least = minBucketRetentionDays(backups);
  return compact<Problem>(
    days < least && {
      key: key("lock", "days"),
      value: days,
      allowed: `at least ${least}, or a shorter backups.retentionDays`,
      why: `restoring any point of the last ${backups.retentionDays} days needs an older base backup, which could be deleted`,
    },
    // Less than the minimum of a restore is refused for every bucket.
    retentionDays !== undefined &&
      retentionDays >= least &&
      retentionDays < days && {
        key: key("retentionDays"),
        value: retentionDays,
        allowed: `at least ${days}, the days for which each object is locked`,
        why: "the bucket cannot delete locked objects",
      },
  );
}

/** Problems of a managed bucket's name, and of roles that the stack does not create. */
function keepingProblems({ path, roles }: BucketBackups["bucket"]): readonly Problem[] {
  const { bucket } = bucketPath(path);
  const named = Object.keys(roles);
  return compact<Problem>(
    (bucket.length > LONGEST_BUCKET_NAME || bucket.includes(".")) && {
      key: key("path"),
      value: path,
      allowed: `a bucket of up to ${LONGEST_BUCKET_NAME} characters without dots, with managed`,
      why: "its copy and its logs have the same name with suffixes, and no AWS certificate covers a name with a dot",
    },
    named.length > 0 && {
      key: key("roles"),
      value: named.join(", "),
      allowed: "nothing, with managed",
      why: "the stack creates a role for each service account, which can write but not delete",
    },
  );
}
