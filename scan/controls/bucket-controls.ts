import {
  BUCKET,
  said,
  saidIs,
  hasEnd,
  takesLogs,
  hasSecondRegion,
  allowed,
  denies,
  algorithmOf,
  isEncrypted,
  lifecycle,
  lockDays,
  partsOf,
  writersOf,
  keepsToItsKey,
  isCopied,
  isCopy,
  isOwn,
  isDeniedDeletes,
} from "./bucket-facts";
import { type Rules, ofSome, ofType } from "./control";
import { backupDays, is } from "./questions";

const WALLS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

export const bucketRules: readonly Rules[] = [
  ofType(BUCKET, [
    [
      "S3.8",
      "four walls against the public",
      (bucket) =>
        WALLS.every((wall) => said(bucket, "bucketPublicAccessBlock")?.is(wall, true) === true),
    ],
    [
      "S3.2",
      "nothing allowed to everybody",
      (bucket) =>
        allowed(bucket).every(({ principals, inverted }) => !principals.includes("*") && !inverted),
    ],
    ["S3.6", "nothing allowed to other accounts", (bucket) => allowed(bucket).every(isOwn(bucket))],
    [
      "S3.5",
      "no request in the clear",
      (bucket) => denies(bucket, ["Bool aws:SecureTransport", "false"]),
    ],
    [
      "TLS 1.2",
      "no request by an older TLS",
      (bucket) => denies(bucket, ["NumericLessThan s3:TlsVersion", "1.2"]),
    ],
    [
      "S3.12",
      "no access lists: all in it is its owner's",
      saidIs("bucketOwnershipControls", "rule.objectOwnership", "BucketOwnerEnforced"),
    ],
    ["S3.14", "versions", saidIs("bucketVersioning", "versioningConfiguration.status", "Enabled")],
    ["S3.17", "encryption by default", (bucket) => algorithmOf(bucket) !== undefined],
    [
      "S3.10",
      "an end to versions that are no more",
      hasEnd("noncurrentVersionExpiration.noncurrentDays"),
    ],
    ["S3.13", "an end to what is kept", hasEnd("expiration.days")],
    [
      "CKV_AWS_300",
      "an end to uploads that were left",
      hasEnd("abortIncompleteMultipartUpload.daysAfterInitiation"),
    ],
    ["S3.11", "its events told", saidIs("bucketNotification", "eventbridge", true)],
    ["deletion", "never deleted with what is in it", is("forceDestroy", false)],
    [
      "deletion",
      "protected, and kept when the stack goes",
      ({ options }) => options.protect && options.retainOnDelete && !options.deleteBeforeReplace,
    ],
    [
      "deletion",
      "all that is said of it kept with it",
      (bucket) => partsOf(bucket).every(({ options }) => options.retainOnDelete),
    ],
  ]),
  // Of the buckets that hold backups.
  ofSome(BUCKET, (bucket) => !takesLogs(bucket), [
    ["S3.15", "a lock on every object, made with it", is("objectLockEnabled", true)],
    [
      "S3.15",
      "a lock as long as backups are kept",
      (bucket) => lockDays(bucket) >= backupDays(bucket),
    ],
    [
      "S3.15",
      "objects no shorter than their lock",
      (bucket) => lifecycle(bucket, "expiration.days") >= lockDays(bucket),
    ],
    ["S3.17", "encryption with a key of the stack's", isEncrypted],
    [
      "S3.9",
      "its requests in another bucket",
      (bucket) => {
        const logs = said(bucket, "bucketLogging")?.target("targetBucket", BUCKET);
        return logs !== undefined && logs !== bucket && logs.isBeside(bucket);
      },
    ],
    [
      "deletes",
      "nothing destroyed by who writes",
      (bucket) => writersOf(bucket).every(isDeniedDeletes(bucket)),
    ],
    ["deletes", "no other key named by who writes", keepsToItsKey],
  ]),
  // Where the stack has a second region, backups are in it as well.
  ofSome(BUCKET, (bucket) => !takesLogs(bucket) && hasSecondRegion(bucket), [
    [
      "S3.7",
      "a copy in the second region, or being it",
      (bucket) => isCopied(bucket) || isCopy(bucket),
    ],
  ]),
];
