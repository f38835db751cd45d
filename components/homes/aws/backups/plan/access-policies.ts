import { bucketArns } from "./bucket-names";
import { type AwsNames, arn } from "../../plan/aws-names";
import type { Statement } from "../../plan/policy-document";
import type { ArchiveAccount, AwsSettings } from "../../plan/rds-stack";

/** A service account of that cluster. */
export interface Holder {
  readonly namespace: string;
  readonly account: string;
}

/** Who takes on the role of a service account: its pods, in its namespace of its cluster. */
export function podTrust(
  names: AwsNames,
  { name, identity, issuer = "" }: NonNullable<AwsSettings["cluster"]>,
  { namespace, account }: Holder,
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
    // EKS tags each session with whom it is for. Without these any association in the account would do.
    Condition: {
      StringEquals: {
        "aws:RequestTag/eks-cluster-arn": arn(names, "eks", `cluster/${name}`),
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": account,
      },
    },
  };
}

/**
 * What a service account does with the bucket: writes to one folder and reads some, and deletes nothing. Neither Barman
 * nor the AWS CLI deletes anything unless a retention policy tells Barman to; the bucket's own rules do that.
 */
export function archiveAccess(
  names: AwsNames,
  bucket: string,
  { writes, reads }: Pick<ArchiveAccount, "writes" | "reads">,
): readonly Statement[] {
  const [itself] = bucketArns(names, bucket);
  const inside = (folder: string) => arn(names, "s3", `${bucket}/${folder}/*`);
  const write: Statement = {
    Sid: "WritesItsFolder",
    Effect: "Allow",
    Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
    Resource: inside(writes),
  };
  if (reads.length === 0) return [write];
  return [
    write,
    { Sid: "Reads", Effect: "Allow", Action: "s3:GetObject", Resource: reads.map(inside) },
    {
      Sid: "Lists",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: itself,
      Condition: { StringLike: { "s3:prefix": reads.map((folder) => `${folder}/*`) } },
    },
    {
      // Barman asks first whether there is a bucket at all (HeadBucket), a request that has no prefix, and gives up
      // where it may not. It is the same permission as to list all, so that names, not contents, of others are seen.
      Sid: "SeesTheBucket",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: itself,
      Condition: { Null: { "s3:prefix": "true" } },
    },
  ];
}

/** Two buckets, of which one is copied into the other. */
export interface Copying {
  readonly from: string;
  readonly to: string;
}

/**
 * Who takes on the role of the copying. Nothing limits it further: only who may hand this role to S3 (`iam:PassRole`)
 * names it for a bucket, and S3 takes a role of the bucket's own account alone.
 */
export const replicationTrust: Statement = {
  Sid: "S3Copies",
  Effect: "Allow",
  Principal: { Service: "s3.amazonaws.com" },
  Action: "sts:AssumeRole",
};

/** What S3 needs to copy each version with its lock. It copies no deletion. */
export function replicationAccess(names: AwsNames, { from, to }: Copying): readonly Statement[] {
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

/** Who uses the key of a bucket, and for what. */
export interface KeyUse {
  readonly sid: string;
  readonly roles: readonly string[];
  readonly actions: readonly string[];
}

/** What a part of an upload is encrypted with has to be read again for the next part. */
export const WRITE_ACTIONS = ["kms:GenerateDataKey", "kms:Decrypt"] as const;
export const READ_ACTIONS = ["kms:Decrypt"] as const;
export const COPY_ACTIONS = ["kms:Encrypt", "kms:GenerateDataKey"] as const;

/**
 * Lets roles use a bucket's key through S3, for this bucket only. It stands in the key's own policy, where `*` is that
 * key: a role's policy could only name the key by an ARN that is not known before the key is there.
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
          // With a bucket key S3 says which bucket it is for, not which object.
          "kms:EncryptionContext:aws:s3:arn": itself,
        },
      },
    },
  ];
}

function domainOf({ partition }: AwsNames): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}
