import { type AwsNames, arn } from "../../plan/aws-names";

/** The copy of a bucket in the second region. Names of buckets are one set for all of Amazon's customers. */
export function copyName(bucket: string): string {
  return `${bucket}-copy`;
}

/** The bucket that says who asked a bucket for what. */
export function logsName(bucket: string): string {
  return `${bucket}-logs`;
}

/** Characters that S3 takes in a name. */
const S3_LIMIT = 63;

/** Characters that the name of a managed bucket may have, so that there is room for the longest name made from it. */
export const LONGEST_BUCKET_NAME = S3_LIMIT - logsName(copyName("")).length;

/** A bucket and all that is in it. */
export function bucketArns(names: AwsNames, bucket: string): readonly [string, string] {
  return [arn(names, "s3", bucket), arn(names, "s3", `${bucket}/*`)];
}
