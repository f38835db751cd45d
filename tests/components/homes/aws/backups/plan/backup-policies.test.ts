import {
  COPY_ACTIONS,
  type ServiceAccount,
  READ_ACTIONS,
  WRITE_ACTIONS,
  archiveAccess,
  keyUse,
  podTrust,
  replicationAccess,
  replicationTrust,
} from "../../../../../../components/homes/aws/backups/plan/access-policies";
import { archiveRolePattern } from "../../../../../../components/homes/aws/backups/plan/backup-accounts";
import {
  LONGEST_BUCKET_NAME,
  copyBucketName,
  logBucketName,
} from "../../../../../../components/homes/aws/backups/plan/bucket-names";
import {
  archivePolicy,
  logsPolicy,
} from "../../../../../../components/homes/aws/backups/plan/bucket-policies";
import { type AwsNames, inRegion } from "../../../../../../components/homes/aws/plan/aws-names";
import { type AwsRequest, decide, readPolicy } from "../../../../../support/iam";

type Context = NonNullable<AwsRequest["context"]>;

const NAMES: AwsNames = {
  base: "sark-prod",
  partition: "aws",
  account: "111122223333",
  region: "eu-central-1",
  tags: {},
};
const BUCKET = "arn:aws:s3:::sark-backups";
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const AUDIT = role("sark-prod-archive-sark-audit");
const DUMP = role("sark-prod-archive-sark-dump");
const COPIER = role("sark-prod-replication");
const OPERATOR = role("somebody-who-may-do-everything");

const SAFE = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };
const allowAll = { Sid: "Everything", Effect: "Allow", Action: "*", Resource: "*" } as const;

const audit = {
  account: "sark-audit",
  writes: "prod/sark-audit",
  reads: ["prod/sark-audit", "prod/sark-audit-old"],
};
const dump = { account: "sark-dump", writes: "prod/dumps/sark", reads: [] };

/** Decision of a principal's own policies and the bucket's together. */
const decided = (own: Parameters<typeof decide>[0], request: AwsRequest) =>
  decide([...own, ...archivePolicy(NAMES, "sark-backups", archiveRolePattern(NAMES))], {
    ...request,
    context: { ...SAFE, ...request.context },
  });

const asks = (by: string, action: string, key?: string, context = {}): AwsRequest => ({
  by,
  action,
  resource: key === undefined ? BUCKET : `${BUCKET}/${key}`,
  context,
});

describe("the role of a cluster", () => {
  const own = archiveAccess(NAMES, "sark-backups", audit);
  const wal = "prod/sark-audit/wals/0000000100000000/000000010000000000000001.zst";

  // Requests that barman-cloud 3.19.1 was observed to make: a check, WAL archiving, a base backup, a restore.
  it.each([
    ["checks that the bucket exists", asks(AUDIT, "s3:ListBucket")],
    [
      "lists its WAL",
      asks(AUDIT, "s3:ListBucket", undefined, { "s3:prefix": "prod/sark-audit/wals/" }),
    ],
    [
      "lists its base backups",
      asks(AUDIT, "s3:ListBucket", undefined, { "s3:prefix": "prod/sark-audit/base/" }),
    ],
    [
      "lists the archive that it was restored from",
      asks(AUDIT, "s3:ListBucket", undefined, { "s3:prefix": "prod/sark-audit-old/base/" }),
    ],
    ["writes a WAL segment", asks(AUDIT, "s3:PutObject", wal)],
    ["aborts an upload", asks(AUDIT, "s3:AbortMultipartUpload", "prod/sark-audit/base/1/data.tar")],
    ["reads its WAL", asks(AUDIT, "s3:GetObject", wal)],
    [
      "reads the archive that it was restored from",
      asks(AUDIT, "s3:GetObject", "prod/sark-audit-old/base/1"),
    ],
  ])("%s (allowed)", (_, request) => {
    expect(decided(own, request)).toBe("Allow");
  });

  it.each([
    ["writes to another database's folder", asks(AUDIT, "s3:PutObject", "prod/sark/wals/1")],
    [
      "writes to the archive that it was restored from",
      asks(AUDIT, "s3:PutObject", "prod/sark-audit-old/base/1"),
    ],
    ["writes to a folder with a similar name", asks(AUDIT, "s3:PutObject", "prod/sark-audit-2/1")],
    ["reads another database's folder", asks(AUDIT, "s3:GetObject", "prod/sark/base/1")],
    ["reads dumps", asks(AUDIT, "s3:GetObject", "prod/dumps/sark/1")],
    [
      "lists another database's folder",
      asks(AUDIT, "s3:ListBucket", undefined, { "s3:prefix": "prod/sark/wals/" }),
    ],
    [
      "lists a folder with a similar name",
      asks(AUDIT, "s3:ListBucket", undefined, { "s3:prefix": "prod/sark-audit-2/wals/" }),
    ],
    ["deletes an object", asks(AUDIT, "s3:DeleteObject", wal)],
    ["deletes a version", asks(AUDIT, "s3:DeleteObjectVersion", wal)],
    ["shortens an object lock", asks(AUDIT, "s3:PutObjectRetention", wal)],
    ["bypasses an object lock", asks(AUDIT, "s3:BypassGovernanceRetention", wal)],
  ])("never %s", (_, request) => {
    expect(decided(own, request)).toBe("Deny");
    // Its own policy denies it even without the bucket's.
    expect(decide(own, request)).toBe("Deny");
  });
});

it("the role of a dump job can only write dumps", () => {
  const own = archiveAccess(NAMES, "sark-backups", dump);
  expect(decided(own, asks(DUMP, "s3:PutObject", "prod/dumps/sark/1.dump"))).toBe("Allow");
  expect(decided(own, asks(DUMP, "s3:AbortMultipartUpload", "prod/dumps/sark/1.dump"))).toBe(
    "Allow",
  );
  expect(decided(own, asks(DUMP, "s3:GetObject", "prod/dumps/sark/1.dump"))).toBe("Deny");
  expect(decided(own, asks(DUMP, "s3:PutObject", "prod/sark-audit/wals/1"))).toBe("Deny");
  expect(decided(own, asks(DUMP, "s3:ListBucket"))).toBe("Deny");
});

describe("the backup bucket's policy", () => {
  const all = [allowAll];
  const put = (context: Context, by = OPERATOR) =>
    decided(all, asks(by, "s3:PutObject", "prod/sark/1", context));

  it("denies requests without TLS, or with TLS below 1.2", () => {
    expect(put({ "aws:SecureTransport": "false" })).toBe("Deny");
    expect(put({ "s3:TlsVersion": "1.1" })).toBe("Deny");
    expect(put({ "s3:TlsVersion": "1.2" })).toBe("Allow");
    const list = (context: Context) =>
      decided(all, asks(OPERATOR, "s3:ListBucket", undefined, context));
    expect(list({ "aws:SecureTransport": "false" })).toBe("Deny");
    expect(list({ "s3:TlsVersion": "1.0" })).toBe("Deny");
    expect(list({})).toBe("Allow");
  });

  it("denies objects with an encryption other than the bucket's default", () => {
    expect(put({})).toBe("Allow");
    expect(put({ "s3:x-amz-server-side-encryption": "AES256" })).toBe("Deny");
    expect(put({ "s3:x-amz-server-side-encryption": "aws:kms" })).toBe("Deny");
    expect(put({ "s3:x-amz-server-side-encryption-customer-algorithm": "AES256" })).toBe("Deny");
  });

  const destruction = [
    ["s3:DeleteObject", "prod/sark/1"],
    ["s3:DeleteObjectVersion", "prod/sark/1"],
    ["s3:PutObjectRetention", "prod/sark/1"],
    ["s3:PutObjectLegalHold", "prod/sark/1"],
    ["s3:BypassGovernanceRetention", "prod/sark/1"],
    ["s3:PutBucketObjectLockConfiguration", undefined],
    ["s3:PutBucketVersioning", undefined],
    ["s3:PutLifecycleConfiguration", undefined],
    ["s3:PutEncryptionConfiguration", undefined],
    ["s3:PutReplicationConfiguration", undefined],
    ["s3:PutBucketPolicy", undefined],
    ["s3:DeleteBucketPolicy", undefined],
    ["s3:DeleteBucket", undefined],
  ] as const;

  it.each(destruction)("denies %s to writing roles of any generation", (...ask) => {
    for (const by of [AUDIT, DUMP, role("sark-prod-archive-sark-audit-7")]) {
      expect(decided(all, asks(by, ...ask))).toBe("Deny");
    }
    expect(decided(all, asks(OPERATOR, ...ask))).toBe("Allow");
    expect(decided(all, asks(role("sark-dev-archive-sark"), ...ask))).toBe("Allow");
  });

  it("only denies, so that other accounts have no access", () => {
    const policy = archivePolicy(NAMES, "sark-backups", archiveRolePattern(NAMES));
    expect(policy.map(({ Effect }) => Effect)).toEqual(policy.map(() => "Deny"));
  });
});

describe("the policy of the access log bucket", () => {
  const policy = logsPolicy(NAMES, "sark-backups-logs", { logged: "sark-backups", prefix: "a/" });
  const from = { "aws:SourceAccount": "111122223333", "aws:SourceArn": BUCKET };
  const log = (context: Context, key = "a/1", by = "logging.s3.amazonaws.com") =>
    decide(policy, { ...asks(by, "s3:PutObject"), resource: `${BUCKET}-logs/${key}`, context });

  it("allows only S3 to write the logs of its own bucket", () => {
    expect(log({ ...SAFE, ...from })).toBe("Allow");
    expect(log({ ...SAFE, ...from, "aws:SourceAccount": "444455556666" })).toBe("Deny");
    expect(log({ ...SAFE, ...from, "aws:SourceArn": "arn:aws:s3:::another" })).toBe("Deny");
    expect(log({ ...SAFE, ...from }, "b/1")).toBe("Deny");
    expect(log({ ...SAFE, ...from }, "a/1", "another.amazonaws.com")).toBe("Deny");
    expect(log({ ...SAFE, ...from, "aws:SecureTransport": "false" })).toBe("Deny");
  });
});

describe("the replication role", () => {
  const own = replicationAccess(NAMES, { from: "sark-backups", to: "sark-backups-copy" });
  const copy = (action: string, bucket: string, key?: string) =>
    decide(own, {
      by: COPIER,
      action,
      resource: `arn:aws:s3:::${bucket}${key === undefined ? "" : `/${key}`}`,
    });

  it("can be assumed by S3 only", () => {
    const assumes = (by: string) =>
      decide([replicationTrust], { by, action: "sts:AssumeRole", resource: "*" });
    expect(assumes("s3.amazonaws.com")).toBe("Allow");
    expect(assumes("ec2.amazonaws.com")).toBe("Deny");
  });

  it("reads versions with locks from the source, and writes to the copy only", () => {
    for (const action of [
      "s3:GetObjectVersionForReplication",
      "s3:GetObjectVersionAcl",
      "s3:GetObjectVersionTagging",
      "s3:GetObjectRetention",
      "s3:GetObjectLegalHold",
    ]) {
      expect(copy(action, "sark-backups", "1")).toBe("Allow");
      expect(copy(action, "sark-backups-copy", "1")).toBe("Deny");
    }
    for (const action of ["s3:GetReplicationConfiguration", "s3:ListBucket"]) {
      expect(copy(action, "sark-backups")).toBe("Allow");
      expect(copy(action, "sark-backups-copy")).toBe("Deny");
    }
    for (const action of ["s3:ReplicateObject", "s3:ReplicateTags"]) {
      expect(copy(action, "sark-backups-copy", "1")).toBe("Allow");
      expect(copy(action, "sark-backups", "1")).toBe("Deny");
    }
    expect(copy("s3:ReplicateDelete", "sark-backups-copy", "1")).toBe("Deny");
    expect(copy("s3:DeleteObject", "sark-backups-copy", "1")).toBe("Deny");
  });
});

describe("the key of a backup bucket", () => {
  const via = (region: string, bucket = "sark-backups") => ({
    "kms:ViaService": `s3.${region}.amazonaws.com`,
    "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::${bucket}`,
  });
  const uses = (actions: readonly string[], names = NAMES) =>
    keyUse(names, "sark-backups", { sid: "Uses", roles: [AUDIT], actions });
  const use = (policy: ReturnType<typeof uses>, action: string, context: Context, by = AUDIT) =>
    decide(policy, { by, action, resource: "*", context });

  it("can be used by its named roles only, through S3 of its region, for this bucket", () => {
    const policy = uses(WRITE_ACTIONS);
    for (const action of ["kms:GenerateDataKey", "kms:Decrypt"]) {
      expect(use(policy, action, via("eu-central-1"))).toBe("Allow");
      expect(use(policy, action, via("eu-central-1"), DUMP)).toBe("Deny");
      expect(use(policy, action, via("eu-west-1"))).toBe("Deny");
      expect(use(policy, action, via("eu-central-1", "another"))).toBe("Deny");
      expect(use(policy, action, {})).toBe("Deny");
    }
    for (const action of ["kms:Encrypt", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]) {
      expect(use(policy, action, via("eu-central-1"))).toBe("Deny");
    }
  });

  it("allows replication to decrypt on the source side, and to encrypt on the copy side, only", () => {
    const reading = uses(READ_ACTIONS);
    const writing = uses(COPY_ACTIONS, inRegion(NAMES, "eu-west-1"));
    expect(use(reading, "kms:Decrypt", via("eu-central-1"))).toBe("Allow");
    expect(use(reading, "kms:GenerateDataKey", via("eu-central-1"))).toBe("Deny");
    expect(use(writing, "kms:Encrypt", via("eu-west-1"))).toBe("Allow");
    expect(use(writing, "kms:GenerateDataKey", via("eu-west-1"))).toBe("Allow");
    expect(use(writing, "kms:Decrypt", via("eu-west-1"))).toBe("Deny");
  });

  it("uses China's own domain there, and has no statement without roles", () => {
    const china = { ...NAMES, partition: "aws-cn", region: "cn-north-1" };
    expect(uses(READ_ACTIONS, china)[0]?.Condition?.["StringEquals"]).toMatchObject({
      "kms:ViaService": "s3.cn-north-1.amazonaws.com.cn",
    });
    expect(keyUse(NAMES, "sark-backups", { sid: "No", roles: [], actions: [] })).toEqual([]);
  });
});

describe("the trust policy of a pod's role", () => {
  const holder: ServiceAccount = { namespace: "sark-databases", account: "sark-audit" };
  const trusts = (cluster: Parameters<typeof podTrust>[1], request: AwsRequest) =>
    decide([podTrust(NAMES, cluster, holder)], request);

  it("admits one service account of one cluster by EKS Pod Identity", () => {
    const cluster = { name: "sark-prod", identity: "pod-identity" } as const;
    const tags = {
      "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-central-1:111122223333:cluster/sark-prod",
      "aws:RequestTag/kubernetes-namespace": "sark-databases",
      "aws:RequestTag/kubernetes-service-account": "sark-audit",
    };
    const assumes = (context: Context, action = "sts:AssumeRole", by = "pods.eks.amazonaws.com") =>
      trusts(cluster, { by, action, resource: "*", context: { ...tags, ...context } });
    expect(assumes({})).toBe("Allow");
    expect(assumes({}, "sts:TagSession")).toBe("Allow");
    expect(assumes({}, "sts:AssumeRole", "ec2.amazonaws.com")).toBe("Deny");
    expect(assumes({ "aws:RequestTag/kubernetes-namespace": "default" })).toBe("Deny");
    expect(assumes({ "aws:RequestTag/kubernetes-service-account": "sark" })).toBe("Deny");
    expect(
      assumes({
        "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-central-1:111122223333:cluster/other",
      }),
    ).toBe("Deny");
  });

  it("admits one service account by the cluster's OIDC issuer", () => {
    const issuer = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    const cluster = { name: "sark-prod", identity: "irsa", issuer } as const;
    const provider = `arn:aws:iam::111122223333:oidc-provider/${issuer}`;
    const claims = {
      [`${issuer}:sub`]: "system:serviceaccount:sark-databases:sark-audit",
      [`${issuer}:aud`]: "sts.amazonaws.com",
    };
    const assumes = (context: Context, by = provider) =>
      trusts(cluster, {
        by,
        action: "sts:AssumeRoleWithWebIdentity",
        resource: "*",
        context: { ...claims, ...context },
      });
    expect(assumes({})).toBe("Allow");
    expect(assumes({ [`${issuer}:sub`]: "system:serviceaccount:default:sark-audit" })).toBe("Deny");
    expect(assumes({ [`${issuer}:aud`]: "somebody-else" })).toBe("Deny");
    expect(assumes({}, provider.replace("0123", "3210"))).toBe("Deny");
  });
});

it("LONGEST_BUCKET_NAME leaves room for the suffixes of copy and log bucket in 63 characters", () => {
  const longest = "b".repeat(LONGEST_BUCKET_NAME);
  expect(logBucketName(copyBucketName(longest))).toHaveLength(63);
});

it("the policy simulator of these tests refuses a policy that IAM refuses", () => {
  const typo = '{ "Effect": "Allow", "Actions": "s3:GetObject", "Resource": "*" }';
  const policy = readPolicy(`{ "Version": "2012-10-17", "Statement": [${typo}] }`);
  expect(() => decide(policy, asks(OPERATOR, "s3:GetObject", "1"))).toThrow("Actions");
});
