import type { Problem } from "../../problem";
import { settingKey } from "../../settings-problems";
import type { Settings } from "../../settings-schema";
import { type BucketSettings, leastKeptDays } from "./backup-retention";
import { LONGEST_BUCKET_NAME, bucketPath } from "./bucket-names";

const key = (name: string) => settingKey(["backups", "bucket", name]);

/** A managed bucket that S3 would not make, or from which not every point in time could be restored. */
export function keepingProblems(settings: Settings, bucket: BucketSettings): readonly Problem[] {
  return [...nameProblems(bucket), ...daysProblems(settings, bucket), ...roleProblems(bucket)];
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

/** Fewer than `backups.retentionDays` are refused for every bucket. */
function daysProblems(settings: Settings, { retentionDays }: BucketSettings): readonly Problem[] {
  const { backups } = settings;
  const least = leastKeptDays(settings);
  return retentionDays === undefined ||
    retentionDays < backups.retentionDays ||
    retentionDays >= least
    ? []
    : [
        {
          key: key("retentionDays"),
          value: retentionDays,
          allowed: `at least ${least}`,
          why: `the earliest point in time needs a base backup from before it, and those are taken by ${backups.schedule}`,
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
