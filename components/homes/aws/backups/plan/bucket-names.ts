import { type AwsNames, arn } from "../../plan/aws-names";

/** Name of a bucket's copy in the second region. Bucket names are unique across all AWS accounts. */
export function copyBucketName(bucket: string): string {
  return `${bucket}-copy`;
}

/** Name of the bucket for a bucket's access logs. */
export function logBucketName(bucket: string): string {
  return `${bucket}-logs`;
}

/** Longest bucket name that S3 accepts. */
const S3_LIMIT = 63;

/** Longest name of a managed bucket that leaves room for the suffixes of its copy and its logs. */
export const LONGEST_BUCKET_NAME = S3_LIMIT - logBucketName(copyBucketName("")).length;

/** ARNs of a bucket and of all its objects. */
export function bucketArns(names: AwsNames, bucket: string): readonly [string, string] {
  return [arn(names, "s3", bucket), arn(names, "s3", `${bucket}/*`)];
}
