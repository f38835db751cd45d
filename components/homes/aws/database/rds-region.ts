import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { encryptionKey } from "../encryption-key";
import { type AwsNames, type AwsSettings, arn } from "../plan/aws-names";
import type { Statement } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";
import type { ServedPlace } from "../platform/places";
import { RdsNetwork } from "../platform/rds-network";

export interface RdsRegionArgs {
  readonly platform: AwsPlatform;
  readonly place: ServedPlace;
  /** Security groups that reach the servers, by what they are. */
  readonly sources: AwsSettings["sources"];
}

/**
 * What the servers of one region share: the network that they are in, and the key of their volumes, snapshots, logs, what
 * Performance Insights keeps, and the master's secret. RDS and Secrets Manager use the key on behalf of whoever asks for a
 * server, by grants for that one resource, which the account's own policies decide on.
 */
export class RdsRegion extends pulumi.ComponentResource {
  readonly place: ServedPlace;
  readonly network: RdsNetwork;
  readonly key: aws.kms.Key;

  constructor(
    name: string,
    { platform, place, sources }: RdsRegionArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:RdsRegion", name, {}, opts);
    this.place = place;
    this.network = new RdsNetwork(
      `${name}-network`,
      { platform, place, sources },
      { parent: this },
    );
    const { names } = place;
    this.key = encryptionKey(
      `${name}-key`,
      {
        names,
        purpose: "database",
        description: `Servers of ${names.base} on RDS, their snapshots and their logs`,
        users: [logsOfServers(names)],
        protect: platform.settings.protection,
      },
      platform.inside(this, place),
    );
    this.registerOutputs({});
  }
}

/** CloudWatch Logs asks for the key in its own name, and so is allowed it here, for the servers' log groups only. */
function logsOfServers(names: AwsNames): Statement {
  const groups = arn(names, "logs", `log-group:/aws/rds/instance/${names.base}*`);
  return {
    Sid: "LogsOfTheServers",
    Effect: "Allow",
    Principal: { Service: `logs.${names.region}.amazonaws.com` },
    Action: [
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:ReEncrypt*",
      "kms:GenerateDataKey*",
      "kms:DescribeKey",
    ],
    Resource: "*",
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": groups } },
  };
}
