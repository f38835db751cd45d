import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn } from "../plan/aws-names";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";

export interface ServerBackupsCopyArgs {
  readonly platform: AwsPlatform;
  /** Where the copies are kept. */
  readonly place: Place;
  /** Key there that they are encrypted with. */
  readonly key: aws.kms.Key;
  /** Of the server, in the main region. */
  readonly identifier: string;
  /** The server: it has to be there, and to have backups. */
  readonly server: pulumi.Resource;
}

/**
 * The server's own backups, snapshots and log, in the second region: from there it can be restored to any point in time
 * but the last minutes. What was copied stays for its days when the copying ends.
 */
export class ServerBackupsCopy extends pulumi.ComponentResource {
  constructor(name: string, args: ServerBackupsCopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:ServerBackupsCopy", name, {}, opts);
    const { platform, place, key, identifier, server } = args;
    new aws.rds.InstanceAutomatedBackupsReplication(
      name,
      {
        sourceDbInstanceArn: arn(platform.names, "rds", `db:${identifier}`),
        kmsKeyId: key.arn,
        retentionPeriod: platform.settings.backups.retentionDays,
      },
      { ...platform.inside(this, place), dependsOn: [server] },
    );
    this.registerOutputs({});
  }
}
