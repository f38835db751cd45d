import { present } from "../../../../text/present";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { AwsSettings, BackupSettings, BucketBackups } from "../../plan/rds-stack";
import { lockedDays } from "./backup-retention";
import { bucketPath } from "../../../../backups/plan/bucket-path";
import { LONGEST_BUCKET_NAME } from "./bucket-names";

const key = (...path: readonly string[]) => settingKey(["backups", "bucket", ...path]);

/**
 * A bucket that the stack could not make, or that would not keep what it is made for.
 * @param pods whether Kubernetes runs anything of the stack
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
  return present(
    bucket?.lock.days !== undefined && {
      key: key("lock", "days"),
      value: bucket.lock.days,
      allowed: "nothing, unless the bucket is managed",
      why: "a bucket that somebody else made is left as it is, and nothing would be locked",
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
        why: "the stack makes the bucket in the account and region of that group",
      },
    ];
  }
  return present<Problem>(
    bucket.endpoint !== undefined && {
      key: key("endpoint"),
      value: bucket.endpoint,
      allowed: "nothing, with managed",
      why: "the stack makes a bucket of Amazon S3, which has the address of its region",
    },
    bucket.access === "keys" && {
      key: key("access"),
      value: bucket.access,
      allowed: "role, with managed",
      why: "the stack makes roles for the bucket, and no keys that could leak",
    },
    bucket.role !== undefined && {
      key: key("role"),
      value: bucket.role,
      allowed: "nothing, with managed",
      why: "the stack makes a role for each database, which writes and does not delete",
    },
    bucket.region !== aws.region && {
      key: key("region"),
      value: bucket.region,
      allowed: `${aws.region}, as aws.region says`,
      why: "the bucket is made beside the databases; copies go to aws.secondRegion",
    },
    pods &&
      aws.cluster === undefined && {
        key: settingKey(["aws", "cluster"]),
        value: "nothing",
        allowed: "the name of the EKS cluster",
        why: "the pods of the databases take on roles for the bucket, and a role trusts one cluster",
      },
  );
}

/** Object lock: not shorter than what has to be restorable, not longer than what the bucket itself keeps. */
function lockProblems(backups: BucketBackups): readonly Problem[] {
  const { retentionDays } = backups.bucket;
  const days = lockedDays(backups);
  return present<Problem>(
    days < backups.retentionDays && {
      key: key("lock", "days"),
      value: days,
      allowed: `at least ${backups.retentionDays}, as backups.retentionDays says`,
      why: "a backup that has to be restorable could be deleted before its time",
    },
    retentionDays !== undefined &&
      retentionDays < days && {
        key: key("retentionDays"),
        value: retentionDays,
        allowed: `at least ${days}, for which each object is locked`,
        why: "the bucket cannot delete what its own lock keeps",
      },
  );
}

/** A name that S3 would not take, or roles that are not of the stack. */
function keepingProblems({ path, roles }: BucketBackups["bucket"]): readonly Problem[] {
  const { bucket } = bucketPath(path);
  const named = Object.keys(roles);
  return present<Problem>(
    (bucket.length > LONGEST_BUCKET_NAME || bucket.includes(".")) && {
      key: key("path"),
      value: path,
      allowed: `a bucket of up to ${LONGEST_BUCKET_NAME} characters without dots, with managed`,
      why: "the names of its copy and of its logs are made from it, and no certificate of Amazon's covers a name with a dot",
    },
    named.length > 0 && {
      key: key("roles"),
      value: named.join(", "),
      allowed: "nothing, with managed",
      why: "the stack makes a role for each service account, which writes and does not delete",
    },
  );
}
