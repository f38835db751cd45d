import { bucketArns } from "./bucket-names";
import { type AwsNames, arn } from "../../plan/aws-names";
import type { Statement } from "../../plan/policy-document";
import type { ArchiveAccount, AwsSettings } from "../../plan/rds-stack";

/** A Kubernetes service account of the EKS cluster. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly account: string;
}

/** Trust policy of a service account's role: only its pods, in its namespace and cluster, may assume it. */
export function podTrust(
  names: AwsNames,
  { name, identity, issuer = "" }: NonNullable<AwsSettings["cluster"]>,
  { namespace, account }: ServiceAccount,
): Statement {
  if (identity === "irsa") {
    return {
      Sid: "PodsOfTheServiceAccount",
      Effect: "Allow",
      Principal: { Federated: arn(names, "iam", `oidc-provider/${issuer}`) },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: {
          [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${account}`,
          [`${issuer}:aud`]: "sts.amazonaws.com",
        },
      },
    };
  }
  return {
    Sid: "PodsOfTheServiceAccount",
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    // EKS tags each session with its service account. Without these conditions any association in the account could
    // assume it.
    Condition: {
      StringEquals: {
        "aws:RequestTag/eks-cluster-arn": arn(names, "eks", `cluster/${name}`),
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": account,
      },
    },
  };
}

/** Actions of the service accounts; the bucket's policy denies them all others. */
export const ARCHIVE_ACTIONS = {
  write: ["s3:PutObject", "s3:AbortMultipartUpload"],
  read: ["s3:GetObject"],
  list: ["s3:ListBucket"],
} as const;

/**
 * Access of a service account to the bucket: it writes to at most one folder, reads some, and deletes nothing. Barman
 * deletes only with a retention policy, dump jobs only upload, and restore drills only read; the bucket's lifecycle
 * rules delete old objects.
 */
export function archiveAccess(
  names: AwsNames,
  bucket: string,
  { writes, reads }: Pick<ArchiveAccount, "writes" | "reads">,
): readonly Statement[] {
  const [itself] = bucketArns(names, bucket);
  const inside = (folder: string) => arn(names, "s3", `${bucket}/${folder}/*`);
  const write: readonly Statement[] =
    writes === undefined
      ? []
      : [
          {
            Sid: "WritesItsFolder",
            Effect: "Allow",
            Action: ARCHIVE_ACTIONS.write,
            Resource: inside(writes),
          },
        ];
  if (reads.length === 0) return write;
  return [
    ...write,
    { Sid: "Reads", Effect: "Allow", Action: ARCHIVE_ACTIONS.read, Resource: reads.map(inside) },
    {
      Sid: "Lists",
      Effect: "Allow",
      Action: ARCHIVE_ACTIONS.list,
      Resource: itself,
      Condition: { StringLike: { "s3:prefix": reads.map((folder) => `${folder}/*`) } },
    },
    {
      // Barman first checks that the bucket exists (HeadBucket), without a prefix, and fails if that is denied. The
      // same permission lists the whole bucket, so names of other objects are visible, but not their contents.
      Sid: "SeesTheBucket",
      Effect: "Allow",
      Action: ARCHIVE_ACTIONS.list,
      Resource: itself,
      Condition: { Null: { "s3:prefix": "true" } },
    },
  ];
}

/** A replication between two buckets, by name. */
export interface BucketReplication {
  readonly from: string;
  readonly to: string;
}

/**
 * Trust policy of the replication role. It needs no condition: only a principal with `iam:PassRole` can use the role
 * for a bucket, and S3 accepts only a role of the bucket's own account.
 */
export const replicationTrust: Statement = {
  Sid: "S3Copies",
  Effect: "Allow",
  Principal: { Service: "s3.amazonaws.com" },
  Action: "sts:AssumeRole",
};

/** Permissions that S3 needs to replicate each version with its lock. Deletions are not replicated. */
export function replicationAccess(
  names: AwsNames,
  { from, to }: BucketReplication,
): readonly Statement[] {
  const [source, sources] = bucketArns(names, from);
  const [, copies] = bucketArns(names, to);
  return [
    {
      Sid: "ReadsTheRules",
      Effect: "Allow",
      Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      Resource: source,
    },
    {
      Sid: "ReadsVersions",
      Effect: "Allow",
      Action: [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:GetObjectRetention",
        "s3:GetObjectLegalHold",
      ],
      Resource: sources,
    },
    {
      Sid: "WritesCopies",
      Effect: "Allow",
      Action: ["s3:ReplicateObject", "s3:ReplicateTags"],
      Resource: copies,
    },
  ];
}

/** Roles that use a bucket's key, and their actions. */
export interface KeyUse {
  readonly sid: string;
  readonly roles: readonly string[];
  readonly actions: readonly string[];
}

/** A multipart upload decrypts its data key again for each next part. */
export const WRITE_ACTIONS = ["kms:GenerateDataKey", "kms:Decrypt"] as const;
export const READ_ACTIONS = ["kms:Decrypt"] as const;
export const COPY_ACTIONS = ["kms:Encrypt", "kms:GenerateDataKey"] as const;

/**
 * Lets roles use a bucket's key through S3, for this bucket only. The statement is in the key's own policy, where `*`
 * means that key: a role's policy would need the key's ARN, which is unknown before the key exists.
 */
export function keyUse(
  names: AwsNames,
  bucket: string,
  { sid, roles, actions }: KeyUse,
): readonly Statement[] {
  if (roles.length === 0) return [];
  const [itself] = bucketArns(names, bucket);
  return [
    {
      Sid: sid,
      Effect: "Allow",
      Principal: { AWS: roles },
      Action: actions,
      Resource: "*",
      Condition: {
        StringEquals: {
          "kms:ViaService": `s3.${names.region}.${domainOf(names)}`,
          // With a bucket key the encryption context names the bucket, not the object.
          "kms:EncryptionContext:aws:s3:arn": itself,
        },
      },
    },
  ];
}

function domainOf({ partition }: AwsNames): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}
