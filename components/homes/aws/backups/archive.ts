import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { COPY_ACTIONS, READ_ACTIONS, WRITE_ACTIONS } from "./plan/access-policies";
import { bucketPath } from "../../../backups/plan/bucket-path";
import { copyName } from "./plan/bucket-names";
import { arn } from "../plan/aws-names";
import type { AwsSettings, BucketBackups, BucketClients } from "../plan/rds-stack";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
import { createArchiveRoles } from "./archive-roles";
import { BackupBucket } from "./backup-bucket";
import { ReplicationRole } from "./replication-role";

export interface ArchiveArgs {
  readonly platform: AwsPlatform;
  readonly aws: AwsSettings;
  readonly backups: BucketBackups;
  readonly clients: BucketClients;
  /** Where a copy is kept. @default - nowhere */
  readonly copyTo?: Place;
}

/** The bucket that databases on Kubernetes keep their backups in, who opens it, and its copy in another region. */
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
    const copying = { from: bucket, to: copyName(bucket) };
    const role = copyTo && new ReplicationRole(`${name}-copier`, { platform, copying }, inside);
    const archive = new BackupBucket(
      name,
      {
        ...shared,
        place: platform.main,
        bucket,
        uses: [
          { sid: "ServersWriteAndRead", roles: writers.arns, actions: WRITE_ACTIONS },
          ...(role ? [{ sid: "S3ReadsToCopy", roles: [role.arn], actions: READ_ACTIONS }] : []),
        ],
        roles: [writers.made, ...(role ? [role] : [])],
      },
      inside,
    );
    if (copyTo && role) {
      const copy = new BackupBucket(
        `${name}-copy`,
        {
          ...shared,
          place: copyTo,
          bucket: copying.to,
          uses: [{ sid: "S3WritesCopies", roles: [role.arn], actions: COPY_ACTIONS }],
          roles: [role],
        },
        inside,
      );
      this.#copying(`${name}-copying`, platform, archive, copy, role);
    }
    this.registerOutputs({ bucket });
  }

  /**
   * Copies each new version with its lock, soon after it was written; what was there before is not copied. Nor is a
   * deletion: what somebody hides in one region is to be found in the other, whose own rules see to what grows old there.
   */
  #copying(
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
              // Most objects take seconds. That nearly all take less than fifteen minutes would be paid by the byte.
              metrics: { status: "Enabled" },
            },
          },
        ],
      },
      {
        ...platform.inside(this),
        retainOnDelete: platform.protection,
        dependsOn: [archive, copy],
      },
    );
  }
}
