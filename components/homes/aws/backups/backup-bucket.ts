import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type KeyUse, keyUse } from "./plan/access-policies";
import { archiveRolePattern } from "./plan/backup-accounts";
import { bucketRetentionDays, lockDays } from "./plan/backup-retention";
import { logBucketName } from "./plan/bucket-names";
import { archivePolicy, logsPolicy } from "./plan/bucket-policies";
import { archiveLifecycle, expiryRules } from "./plan/lifecycle";
import { encryptionKey } from "../encryption-key";
import type { BucketBackups } from "../plan/rds-stack";
import type { AwsPlatform } from "../platform/aws-platform";
import type { StackRegion } from "../platform/stack-regions";
import { GuardedBucket } from "./guarded-bucket";

export interface BackupBucketArgs {
  readonly platform: AwsPlatform;
  readonly stackRegion: StackRegion;
  /** Its globally unique name. */
  readonly bucket: string;
  readonly backups: BucketBackups;
  /** Days for which access logs are kept. */
  readonly logDays: number;
  /** Uses of its key by the roles. A key's policy can name only existing roles, so they are created first. */
  readonly uses: readonly KeyUse[];
  readonly roles: readonly pulumi.Resource[];
}

/** Days for which a replaced access log is kept. S3 never replaces one; only an attacker who hides traces would. */
const REPLACED_LOGS = 30;

/**
 * A backup bucket, encrypted with its own key. Each object version is locked for as long as a restore may need it;
 * lifecycle rules move it to colder classes and then expire it. Access logs go to a second bucket.
 *
 * The log bucket has S3-managed encryption and no lock: S3 does not write access logs to a bucket with a default lock
 * or a default KMS key (https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html).
 *
 * Only the account's root user can turn on MFA delete, so this program cannot: docs/aws.md.
 */
export class BackupBucket extends pulumi.ComponentResource {
  readonly name: string;
  /** The same name, resolved once the bucket exists. */
  readonly bucket: pulumi.Output<string>;
  readonly key: aws.kms.Key;

  constructor(name: string, args: BackupBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:BackupBucket", name, {}, opts);
    const { platform, stackRegion, bucket, backups, uses, roles } = args;
    const { names } = stackRegion;
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
      { ...platform.optionsIn(this, stackRegion), dependsOn: [...roles] },
    );
    const guarded = new GuardedBucket(
      `${name}-bucket`,
      {
        platform,
        stackRegion,
        bucket,
        key: this.key,
        lock: { mode: backups.bucket.lock.mode, days: lockDays(backups) },
        lifecycle: archiveLifecycle({
          readDays: backups.retentionDays,
          keptDays: bucketRetentionDays(backups),
          // An overwritten object can be restored for as long as a mistake in the database.
          noncurrentDays: backups.retentionDays,
        }),
        policy: archivePolicy(names, bucket, archiveRolePattern(names)),
      },
      { parent: this },
    );
    this.bucket = guarded.bucket;
    this.#accessLogs(name, args, guarded);
    this.registerOutputs({ bucket });
  }

  #accessLogs(
    name: string,
    { platform, stackRegion, bucket, logDays }: BackupBucketArgs,
    guarded: GuardedBucket,
  ): void {
    const prefix = `${bucket}/`;
    const logs = new GuardedBucket(
      `${name}-logs`,
      {
        platform,
        stackRegion,
        bucket: logBucketName(bucket),
        lifecycle: expiryRules({ keptDays: logDays, noncurrentDays: REPLACED_LOGS }),
        policy: logsPolicy(stackRegion.names, logBucketName(bucket), { logged: bucket, prefix }),
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
        ...platform.optionsIn(this, stackRegion),
        dependsOn: [guarded, logs],
        retainOnDelete: platform.protection,
      },
    );
  }
}
