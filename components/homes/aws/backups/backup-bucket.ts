import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type KeyUse, keyUse } from "./plan/access-policies";
import { archiveRoles } from "./plan/backup-accounts";
import { keptDays, lockedDays } from "./plan/backup-retention";
import { logsName } from "./plan/bucket-names";
import { archivePolicy, logsPolicy } from "./plan/bucket-policies";
import { archiveLifecycle, expiry } from "./plan/lifecycle";
import { encryptionKey } from "../encryption-key";
import type { BucketBackups } from "../plan/rds-stack";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import { GuardedBucket } from "./guarded-bucket";

export interface BackupBucketArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  /** Its name, which no other bucket in the world has. */
  readonly bucket: string;
  readonly backups: BucketBackups;
  /** For which access logs are kept. */
  readonly logDays: number;
  /** What the roles do with its key. A key's policy names roles that are there, so they are made first. */
  readonly uses: readonly KeyUse[];
  readonly roles: readonly pulumi.Resource[];
}

/** Days for which a replaced access log is kept; none is ever replaced unless somebody means to hide something. */
const REPLACED_LOGS = 30;

/**
 * A bucket for backups, encrypted with a key of its own. Each version of an object is locked for as long as a restore
 * may need it, and grows colder, then old, by rules of the bucket. Who asked it for what is kept in a second bucket.
 *
 * The second has S3's own encryption and no lock: S3 writes access logs to no bucket with a lock, nor with a key of KMS
 * as its default (https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html).
 *
 * Deleting by a second factor can be turned on by the account's root alone, and by no program: docs/aws.md.
 */
export class BackupBucket extends pulumi.ComponentResource {
  readonly name: string;
  /** The same, once it is there. */
  readonly bucket: pulumi.Output<string>;
  readonly key: aws.kms.Key;

  constructor(name: string, args: BackupBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:BackupBucket", name, {}, opts);
    const { platform, place, bucket, backups, uses, roles } = args;
    const { names } = place;
    this.name = bucket;
    this.key = encryptionKey(
      `${name}-key`,
      {
        names,
        purpose: "archive",
        description: `Backups in the bucket ${bucket}`,
        users: uses.flatMap((use) => keyUse(names, bucket, use)),
        protect: platform.protection,
      },
      { ...platform.inside(this, place), dependsOn: [...roles] },
    );
    const guarded = new GuardedBucket(
      `${name}-bucket`,
      {
        platform,
        place,
        bucket,
        key: this.key,
        lock: { mode: backups.bucket.lock.mode, days: lockedDays(backups) },
        lifecycle: archiveLifecycle({
          readDays: backups.retentionDays,
          keptDays: keptDays(backups),
          // What was replaced by nonsense can be brought back for as long as a mistake in the database could be.
          noncurrentDays: backups.retentionDays,
        }),
        policy: archivePolicy(names, bucket, archiveRoles(names)),
      },
      { parent: this },
    );
    this.bucket = guarded.bucket;
    this.#accessLogs(name, args, guarded);
    this.registerOutputs({ bucket });
  }

  #accessLogs(
    name: string,
    { platform, place, bucket, logDays }: BackupBucketArgs,
    guarded: GuardedBucket,
  ): void {
    const prefix = `${bucket}/`;
    const logs = new GuardedBucket(
      `${name}-logs`,
      {
        platform,
        place,
        bucket: logsName(bucket),
        lifecycle: expiry({ keptDays: logDays, noncurrentDays: REPLACED_LOGS }),
        policy: logsPolicy(place.names, logsName(bucket), { logged: bucket, prefix }),
      },
      { parent: this },
    );
    new aws.s3.BucketLogging(
      `${name}-logging`,
      {
        bucket: guarded.bucket,
        targetBucket: logs.bucket,
        targetPrefix: prefix,
        targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: "EventTime" } },
      },
      {
        ...platform.inside(this, place),
        dependsOn: [guarded, logs],
        retainOnDelete: platform.protection,
      },
    );
  }
}
