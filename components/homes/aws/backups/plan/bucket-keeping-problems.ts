import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/settings-problems";
import type { BucketSettings } from "./backup-retention";
import { LONGEST_BUCKET_NAME, bucketPath } from "./bucket-names";

const key = (name: string) => settingKey(["backups", "bucket", name]);

/** A managed bucket that S3 would not make, or with roles that are not of the stack. */
export function keepingProblems(bucket: BucketSettings): readonly Problem[] {
  return [...nameProblems(bucket), ...roleProblems(bucket)];
}

function nameProblems({ path }: BucketSettings): readonly Problem[] {
  const { bucket } = bucketPath(path);
  const fits = bucket.length <= LONGEST_BUCKET_NAME && !bucket.includes(".");
  return fits
    ? []
    : [
        {
          key: key("path"),
          value: path,
          allowed: `a bucket of up to ${LONGEST_BUCKET_NAME} characters without dots, with managed`,
          why: "the names of its copy and of its logs are made from it, and no certificate of Amazon's covers a name with a dot",
        },
      ];
}

function roleProblems({ roles }: BucketSettings): readonly Problem[] {
  const named = Object.keys(roles);
  return named.length === 0
    ? []
    : [
        {
          key: key("roles"),
          value: named.join(", "),
          allowed: "nothing, with managed",
          why: "the stack makes a role for each service account, which writes and does not delete",
        },
      ];
}
