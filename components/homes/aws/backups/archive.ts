import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { COPY_ACTIONS, READ_ACTIONS, WRITE_ACTIONS } from "./plan/access-policies";
import { bucketPath } from "../../../backups/plan/bucket-path";
import { copyBucketName } from "./plan/bucket-names";
import { arn } from "../plan/aws-names";
import type { AwsSettings, BucketBackups, BucketClients } from "../plan/rds-stack";
import type { AwsPlatform } from "../platform/aws-platform";
import type { StackRegion } from "../platform/stack-regions";
import { createArchiveRoles } from "./archive-roles";
import { BackupBucket } from "./backup-bucket";
import { ReplicationRole } from "./replication-role";

export interface ArchiveArgs {
  readonly platform: AwsPlatform;
  readonly aws: AwsSettings;
  readonly backups: BucketBackups;
  readonly clients: BucketClients;
  /** Region of the copy. @default - no copy */
  readonly copyTo?: StackRegion;
}

/** The backup bucket of databases on Kubernetes, the roles that access it, and its copy in another region. */
export class Archive extends pulumi.ComponentResource {
  constructor(name: string, args: ArchiveArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:Archive", name, {}, opts);
    const { platform, aws, backups, clients, copyTo } = args;
    const { bucket } = bucketPath(backups.bucket.path);
    const inside = { parent: this };
    const writers = createArchiveRoles(
      `${name}-roles`,
      { platform, cluster: aws.cluster, clients, bucket },
      this,
    );
    const shared = { platform, backups, logDays: aws.logRetentionDays };
    const copying = { from: bucket, to: copyBucketName(bucket) };
    const role = copyTo && new ReplicationRole(`${name}-copier`, { platform, copying }, inside);
    const archive = new BackupBucket(
      name,
      {
        ...shared,
        stackRegion: platform.main,
        bucket,
        uses: [
          { sid: "ServersWriteAndRead", roles: writers.arns, actions: WRITE_ACTIONS },
          ...(role ? [{ sid: "S3ReadsToCopy", roles: [role.arn], actions: READ_ACTIONS }] : []),
        ],
        roles: [writers.component, ...(role ? [role] : [])],
      },
      inside,
    );
    if (copyTo && role) {
      const copy = new BackupBucket(
        `${name}-copy`,
        {
          ...shared,
          stackRegion: copyTo,
          bucket: copying.to,
          uses: [{ sid: "S3WritesCopies", roles: [role.arn], actions: COPY_ACTIONS }],
          roles: [role],
        },
        inside,
      );
      this.#replicate(`${name}-copying`, platform, archive, copy, role);
    }
    this.registerOutputs({ bucket });
  }

  /**
   * Replicates each new version with its lock; versions from before are not copied. Deletions are not replicated
   * either, so an object deleted in one region remains in the other until that bucket's own rules expire it.
   */
  #replicate(
    name: string,
    platform: AwsPlatform,
    archive: BackupBucket,
    copy: BackupBucket,
    role: ReplicationRole,
  ): void {
    new aws.s3.BucketReplicationConfig(
      name,
      {
        bucket: archive.bucket,
        role: role.arn,
        rules: [
          {
            id: "all",
            status: "Enabled",
            priority: 1,
            filter: { prefix: "" },
            deleteMarkerReplication: { status: "Disabled" },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: {
              bucket: arn(platform.names, "s3", copy.name),
              encryptionConfiguration: { replicaKmsKeyId: copy.key.arn },
              // Most objects take seconds. S3's guarantee of fifteen minutes (RTC) would cost extra for each byte.
              metrics: { status: "Enabled" },
            },
          },
        ],
      },
      {
        ...platform.optionsIn(this),
        retainOnDelete: platform.protection,
        dependsOn: [archive, copy],
      },
    );
  }
}
