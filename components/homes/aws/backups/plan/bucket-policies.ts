import { ARCHIVE_ACTIONS } from "./access-policies";
import { bucketArns } from "./bucket-names";
import { type AwsNames, arn } from "../../plan/aws-names";
import type { Statement } from "../../plan/policy-document";

const anybody = { Effect: "Deny", Principal: "*" } as const;

/**
 * Policy of a backup bucket. It only denies, whatever a principal's own policies allow. Access is granted by the
 * account's own policies, so other accounts have none.
 * @param writers ARN pattern of the roles that write to it
 */
export function archivePolicy(
  names: AwsNames,
  bucket: string,
  writers: string,
): readonly Statement[] {
  const [itself, objects] = bucketArns(names, bucket);
  return [
    ...safeTransport(names, bucket),
    // Without encryption headers S3 uses the bucket's own key. Any header means another key: even plain `aws:kms` means
    // the account's default key for S3, whose policy admits everybody in the account.
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
      // Whatever else S3 offers, now or later, could destroy backups: deletion, a shorter lock, another key, a rule of the
      // bucket.
      Sid: "WritersDestroyNothing",
      NotAction: [...ARCHIVE_ACTIONS.write, ...ARCHIVE_ACTIONS.read, ...ARCHIVE_ACTIONS.list],
      Resource: [itself, objects],
      Condition: { ArnLike: { "aws:PrincipalArn": writers } },
    },
  ];
}

/** Policy of an access log bucket: S3 may write the logs of one bucket. */
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

/** Denies requests without TLS, or with TLS below 1.2. */
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
