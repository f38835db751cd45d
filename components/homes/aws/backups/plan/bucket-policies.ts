import { bucketArns } from "./bucket-names";
import { type AwsNames, arn } from "../../plan/aws-names";
import type { Statement } from "../../plan/policy-document";

const anybody = { Effect: "Deny", Principal: "*" } as const;

/** What would let a writer destroy what it has written, at once or after a while. */
const DESTRUCTION = [
  "s3:DeleteObject",
  "s3:DeleteObjectVersion",
  "s3:PutObjectRetention",
  "s3:PutObjectLegalHold",
  "s3:BypassGovernanceRetention",
  "s3:PutBucketObjectLockConfiguration",
  "s3:PutBucketVersioning",
  "s3:PutLifecycleConfiguration",
  "s3:PutEncryptionConfiguration",
  "s3:PutReplicationConfiguration",
  "s3:PutBucketPolicy",
  "s3:DeleteBucketPolicy",
  "s3:DeleteBucket",
];

/**
 * What a bucket of backups refuses, whatever somebody's own policies allow. It allows nobody anything: that is for the
 * account's own policies, and another account is none of them.
 * @param writers pattern of the ARNs of the roles that write to it
 */
export function archivePolicy(
  names: AwsNames,
  bucket: string,
  writers: string,
): readonly Statement[] {
  const [itself, objects] = bucketArns(names, bucket);
  return [
    ...safeTransport(names, bucket),
    // S3 encrypts what names no key with the bucket's own. So whoever names one, or a cipher, means another: even plain
    // `aws:kms` means the account's key for all of S3, which its policy opens to everybody in the account.
    {
      ...anybody,
      Sid: "NobodyNamesAnotherKey",
      Action: "s3:PutObject",
      Resource: objects,
      Condition: { Null: { "s3:x-amz-server-side-encryption": "false" } },
    },
    {
      ...anybody,
      Sid: "NobodyBringsAKey",
      Action: "s3:PutObject",
      Resource: objects,
      Condition: { Null: { "s3:x-amz-server-side-encryption-customer-algorithm": "false" } },
    },
    {
      ...anybody,
      Sid: "WritersDestroyNothing",
      Action: DESTRUCTION,
      Resource: [itself, objects],
      Condition: { ArnLike: { "aws:PrincipalArn": writers } },
    },
  ];
}

/** What a bucket of access logs allows: S3 itself to write those of one bucket. */
export function logsPolicy(
  names: AwsNames,
  bucket: string,
  { logged, prefix }: { readonly logged: string; readonly prefix: string },
): readonly Statement[] {
  return [
    ...safeTransport(names, bucket),
    {
      Sid: "S3WritesAccessLogs",
      Effect: "Allow",
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: arn(names, "s3", `${bucket}/${prefix}*`),
      Condition: {
        StringEquals: { "aws:SourceAccount": names.account },
        ArnEquals: { "aws:SourceArn": arn(names, "s3", logged) },
      },
    },
  ];
}

/** Nobody speaks to it without TLS, or with a version below 1.2. */
function safeTransport(names: AwsNames, bucket: string): readonly Statement[] {
  const all = { ...anybody, Action: "s3:*", Resource: bucketArns(names, bucket) };
  return [
    {
      ...all,
      Sid: "NobodySpeaksInTheClear",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      ...all,
      Sid: "NobodySpeaksOldTls",
      Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
    },
  ];
}
