import {
  BUCKET,
  relatedResource,
  relatedIs,
  expires,
  receivesAccessLogs,
  hasSecondRegion,
  allowed,
  denies,
  algorithmOf,
  isEncrypted,
  lifecycle,
  lockDays,
  partsOf,
  writersOf,
  forcesDefaultKey,
  isCopied,
  isCopy,
  isOwn,
  isDeniedDeletes,
} from "./bucket-facts";
import { type Rules, ofTypeWhere, ofType } from "./control";
import { backupDays, is } from "./checks";

const PUBLIC_ACCESS_BLOCKS = [
  "blockPublicAcls",
  "blockPublicPolicy",
  "ignorePublicAcls",
  "restrictPublicBuckets",
];

export const bucketRules: readonly Rules[] = [
  ofType(BUCKET, [
    [
      "S3.8",
      "all four public access blocks",
      (bucket) =>
        PUBLIC_ACCESS_BLOCKS.every(
          (block) => relatedResource(bucket, "bucketPublicAccessBlock")?.is(block, true) === true,
        ),
    ],
    [
      "S3.2",
      "no access for everybody",
      (bucket) =>
        allowed(bucket).every(({ principals, inverted }) => !principals.includes("*") && !inverted),
    ],
    ["S3.6", "no access for other accounts", (bucket) => allowed(bucket).every(isOwn(bucket))],
    [
      "S3.5",
      "requests only over TLS",
      (bucket) => denies(bucket, ["Bool aws:SecureTransport", "false"]),
    ],
    [
      "TLS 1.2",
      "requests only over TLS 1.2 or later",
      (bucket) => denies(bucket, ["NumericLessThan s3:TlsVersion", "1.2"]),
    ],
    [
      "S3.12",
      "no ACLs: the bucket owner owns all objects",
      relatedIs("bucketOwnershipControls", "rule.objectOwnership", "BucketOwnerEnforced"),
    ],
    [
      "S3.14",
      "versioning",
      relatedIs("bucketVersioning", "versioningConfiguration.status", "Enabled"),
    ],
    ["S3.17", "encryption by default", (bucket) => algorithmOf(bucket) !== undefined],
    [
      "S3.10",
      "expiration of noncurrent versions",
      expires("noncurrentVersionExpiration.noncurrentDays"),
    ],
    ["S3.13", "expiration of objects", expires("expiration.days")],
    [
      "CKV_AWS_300",
      "abortion of incomplete uploads",
      expires("abortIncompleteMultipartUpload.daysAfterInitiation"),
    ],
    ["S3.11", "event notifications", relatedIs("bucketNotification", "eventbridge", true)],
    ["deletion", "no forced deletion with its content", is("forceDestroy", false)],
    [
      "deletion",
      "protected, and kept when the stack goes",
      ({ options }) => options.protect && options.retainOnDelete && !options.deleteBeforeReplace,
    ],
    [
      "deletion",
      "its configuration kept with it",
      (bucket) => partsOf(bucket).every(({ options }) => options.retainOnDelete),
    ],
  ]),
  // Buckets that hold backups.
  ofTypeWhere(BUCKET, (bucket) => !receivesAccessLogs(bucket), [
    ["S3.15", "object lock, enabled at creation", is("objectLockEnabled", true)],
    [
      "S3.15",
      "a lock longer than the backup retention, as the oldest base backup is older",
      (bucket) => lockDays(bucket) > backupDays(bucket),
    ],
    [
      "S3.15",
      "expiration not before the end of the lock",
      (bucket) => lifecycle(bucket, "expiration.days") >= lockDays(bucket),
    ],
    ["S3.17", "encryption with a key of the stack", isEncrypted],
    [
      "S3.9",
      "access logs in another bucket",
      (bucket) => {
        const logs = relatedResource(bucket, "bucketLogging")?.target("targetBucket", BUCKET);
        return logs !== undefined && logs !== bucket && logs.isInSameRegion(bucket);
      },
    ],
    [
      "deletes",
      "no deletes by writers",
      (bucket) => writersOf(bucket).every(isDeniedDeletes(bucket)),
    ],
    ["deletes", "no other encryption key chosen by writers", forcesDefaultKey],
  ]),
  // If the stack has a second region, backups are copied to it.
  ofTypeWhere(BUCKET, (bucket) => !receivesAccessLogs(bucket) && hasSecondRegion(bucket), [
    [
      "S3.7",
      "a copy in the second region, unless it is the copy",
      (bucket) => isCopied(bucket) || isCopy(bucket),
    ],
  ]),
];
