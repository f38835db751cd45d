/** Calls that an attacker makes with a role that writes backups. */
import type { AwsCall } from "./aws-calls";

/** Policies that deny an attack, each by itself. */
type Line = "the role's" | "the resource's" | "both";

export interface Attack extends AwsCall {
  readonly name: string;
  readonly deniedBy: Line;
}

/** The bucket, the role's own folder, and another database's folder; none ends with a slash. */
export interface Target {
  readonly bucket: string;
  readonly own: string;
  readonly other: string;
  /** ARN of the bucket's key. */
  readonly key: string;
}

/** Objects that exist before an attack. */
const OWN_OBJECT = "base/1/data.tar";
/** In the place of a VersionId: the first version of the object. */
const FIRST_VERSION = "first";

const EARLY = "2027-01-01T00:00:00Z";

export function attacksOn({ bucket, own, other, key }: Target): readonly Attack[] {
  const mine = { Bucket: bucket, Key: `${own}/${OWN_OBJECT}` };
  const version = { ...mine, VersionId: FIRST_VERSION };
  const theirs = { Bucket: bucket, Key: `${other}/${OWN_OBJECT}` };
  const governed = { BypassGovernanceRetention: true };
  const s3 =
    (deniedBy: Line) =>
    (
      name: string,
      operation: string,
      parameters: AwsCall["parameters"],
      more: Partial<AwsCall> = {},
    ): Attack => ({ service: "s3", name, operation, parameters, deniedBy, ...more });
  const both = s3("both");
  const byRole = s3("the role's");
  const byBucket = s3("the resource's");
  const ofBucket = (name: string, operation: string, parameters: object = {}) =>
    both(name, operation, { Bucket: bucket, ...parameters });
  const write = { ...mine, Body: "ransom" };
  const kms = (name: string, operation: string, parameters: object = {}): Attack => ({
    service: "kms",
    name,
    operation,
    parameters: { KeyId: key, ...parameters },
    deniedBy: "the role's",
  });
  return [
    both("hides an object by a delete marker", "DeleteObject", mine),
    both("deletes a version", "DeleteObject", version),
    both("deletes a version despite its lock", "DeleteObject", { ...version, ...governed }),
    both("deletes another database's version", "DeleteObject", {
      ...theirs,
      VersionId: FIRST_VERSION,
    }),
    both("shortens a lock", "PutObjectRetention", {
      ...version,
      ...governed,
      Retention: { Mode: "GOVERNANCE", RetainUntilDate: EARLY },
    }),
    both("removes a legal hold", "PutObjectLegalHold", {
      ...version,
      LegalHold: { Status: "OFF" },
    }),
    both("writes an object with a shorter lock", "PutObject", {
      ...write,
      ObjectLockMode: "GOVERNANCE",
      ObjectLockRetainUntilDate: EARLY,
    }),
    both("makes an object public", "PutObjectAcl", { ...mine, ACL: "public-read" }),
    both("encrypts an existing version with another key", "UpdateObjectEncryption", {
      ...version,
      ObjectEncryption: { SSEKMS: { KMSKeyArn: "another" } },
    }),
    ofBucket("expires all objects", "PutBucketLifecycleConfiguration", {
      LifecycleConfiguration: {
        Rules: [{ ID: "a", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }],
      },
    }),
    ofBucket("suspends versioning", "PutBucketVersioning", {
      VersioningConfiguration: { Status: "Suspended" },
    }),
    ofBucket("removes the default lock", "PutObjectLockConfiguration", {
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" },
    }),
    ofBucket("changes the default key", "PutBucketEncryption", {
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    }),
    ofBucket("replaces the bucket's policy", "PutBucketPolicy", {
      Policy: '{"Version":"2012-10-17","Statement":[]}',
    }),
    ofBucket("deletes the bucket's policy", "DeleteBucketPolicy"),
    ofBucket("replicates to another bucket", "PutBucketReplication", {
      ReplicationConfiguration: {
        Role: "arn:aws:iam::111122223333:role/a",
        Rules: [
          {
            Status: "Enabled",
            Priority: 1,
            Filter: { Prefix: "" },
            DeleteMarkerReplication: { Status: "Disabled" },
            Destination: { Bucket: "arn:aws:s3:::elsewhere" },
          },
        ],
      },
    }),
    ofBucket("ends replication", "DeleteBucketReplication"),
    ofBucket("ends access logs", "PutBucketLogging", { BucketLoggingStatus: {} }),
    ofBucket("admits the public", "DeletePublicAccessBlock"),
    ofBucket("deletes the bucket", "DeleteBucket"),
    ofBucket("lists versions", "ListObjectVersions"),
    byRole("reads another database's backup", "GetObject", theirs),
    byRole("copies another database's backup into its folder", "CopyObject", {
      ...mine,
      CopySource: theirs,
    }),
    both("reads an old version of another database's backup", "GetObject", {
      ...theirs,
      VersionId: FIRST_VERSION,
    }),
    byRole("lists another database's backups", "ListObjectsV2", {
      Bucket: bucket,
      Prefix: `${other}/`,
    }),
    both("deletes a copy in the second region", "DeleteObject", {
      ...version,
      Bucket: `${bucket}-copy`,
    }),
    byRole("deletes access logs", "DeleteObject", { Bucket: `${bucket}-logs`, Key: "1" }),
    byRole("writes into another database's folder", "PutObject", { ...theirs, Body: "ransom" }),
    byRole("writes beside the folders", "PutObject", {
      Bucket: bucket,
      Key: `${own}-2/1`,
      Body: "",
    }),
    byBucket("writes with another KMS key", "PutObject", {
      ...write,
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: "another",
    }),
    byBucket("writes with S3's own key", "PutObject", { ...write, ServerSideEncryption: "AES256" }),
    byBucket("writes with a key of its own", "PutObject", {
      ...write,
      SSECustomerAlgorithm: "AES256",
      SSECustomerKey: "0".repeat(32),
    }),
    byBucket("uploads parts with another key", "CreateMultipartUpload", {
      ...mine,
      ServerSideEncryption: "aws:kms",
    }),
    byBucket("writes without TLS", "PutObject", write, { plain: true }),
    kms("decrypts a data key outside S3", "Decrypt", { CiphertextBlob: "AAAA" }),
    kms("deletes the bucket's key", "ScheduleKeyDeletion", { PendingWindowInDays: 7 }),
    kms("disables the bucket's key", "DisableKey"),
    kms("replaces the key's policy", "PutKeyPolicy", { PolicyName: "default", Policy: "{}" }),
  ];
}

/** Calls that writing backups needs; `reads` is whether the role may read them too. */
export function usualCalls({ bucket, own }: Target, reads: boolean): readonly AwsCall[] {
  const s3 = (operation: string, parameters: object): AwsCall => ({
    service: "s3",
    operation,
    parameters: { Bucket: bucket, ...parameters },
  });
  const mine = { Key: `${own}/${OWN_OBJECT}` };
  return [
    s3("PutObject", { ...mine, Body: "backup" }),
    s3("CreateMultipartUpload", { Key: `${own}/base/2/data.tar` }),
    // An object can be overwritten; its first version stays.
    s3("PutObject", { ...mine, Body: "ransom" }),
    ...(reads
      ? [
          s3("HeadBucket", {}),
          s3("ListObjectsV2", { Prefix: `${own}/base/` }),
          s3("GetObject", mine),
        ]
      : []),
  ];
}
