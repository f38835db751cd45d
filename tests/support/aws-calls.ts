/** Calls of the AWS API, and the permissions that they need. */
import type { AwsRequest } from "./iam";

/** A call of the AWS API, by the operation and parameters of botocore. */
export interface AwsCall {
  readonly service: "s3" | "kms";
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether it is made without TLS. @default false */
  readonly plain?: boolean;
}

/** The key with which buckets encrypt, and its region. */
interface Encryption {
  /** Its ARN. */
  readonly key: string;
  readonly region: string;
}

/** IAM's names of operations that differ. */
const ACTIONS: Readonly<Record<string, string>> = {
  CreateMultipartUpload: "PutObject",
  CopyObject: "PutObject",
  HeadBucket: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
  PutBucketLifecycleConfiguration: "PutLifecycleConfiguration",
  PutObjectLockConfiguration: "PutBucketObjectLockConfiguration",
  PutBucketEncryption: "PutEncryptionConfiguration",
  PutBucketReplication: "PutReplicationConfiguration",
  DeleteBucketReplication: "PutReplicationConfiguration",
  DeletePublicAccessBlock: "PutBucketPublicAccessBlock",
};

/** Further permissions that a parameter of a call requires. */
const MORE_ACTIONS: Readonly<Record<string, string>> = {
  BypassGovernanceRetention: "BypassGovernanceRetention",
  ObjectLockMode: "PutObjectRetention",
};

/** Context keys of parameters. */
const CONTEXT: Readonly<Record<string, string>> = {
  Prefix: "s3:prefix",
  ServerSideEncryption: "s3:x-amz-server-side-encryption",
  SSEKMSKeyId: "s3:x-amz-server-side-encryption-aws-kms-key-id",
  SSECustomerAlgorithm: "s3:x-amz-server-side-encryption-customer-algorithm",
};

/** The permissions that AWS requires for a call. */
export function requestsOf(
  { service, operation, parameters, plain = false }: AwsCall,
  { key, region }: Encryption,
): readonly Omit<AwsRequest, "by">[] {
  const transport = { "aws:SecureTransport": String(!plain), "s3:TlsVersion": "1.3" };
  if (service === "kms") return [{ action: `kms:${operation}`, resource: key, context: transport }];
  const object = "Key" in parameters ? `/${text(parameters["Key"])}` : "";
  const resource = `arn:aws:s3:::${text(parameters["Bucket"])}${object}`;
  const versioned = ["GetObject", "DeleteObject"].includes(operation) && "VersionId" in parameters;
  const names = [
    `${ACTIONS[operation] ?? operation}${versioned ? "Version" : ""}`,
    ...Object.keys(parameters).flatMap((name) => MORE_ACTIONS[name] ?? []),
  ];
  const context = {
    ...transport,
    ...Object.fromEntries(
      Object.entries(CONTEXT).flatMap(([name, contextKey]) =>
        name in parameters ? [[contextKey, text(parameters[name])]] : [],
      ),
    ),
  };
  const source = parameters["CopySource"] as Readonly<Record<string, unknown>> | undefined;
  const uses = { GetObject: "Decrypt", PutObject: "GenerateDataKey" }[names[0] ?? ""];
  return [
    ...names.map((name) => ({ action: `s3:${name}`, resource, context })),
    ...(source
      ? requestsOf({ service, operation: "GetObject", parameters: source, plain }, { key, region })
      : []),
    ...(uses
      ? [
          {
            action: `kms:${uses}`,
            resource: key,
            context: {
              "kms:ViaService": `s3.${region}.amazonaws.com`,
              "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::${text(parameters["Bucket"])}`,
            },
          },
        ]
      : []),
  ];
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);
