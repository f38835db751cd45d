import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { encryptionKey } from "../encryption-key";
import { type AwsNames, arn } from "../plan/aws-names";
import type { Statement } from "../plan/policy-document";
import type { ServerRegion } from "../platform/stack-regions";
import { type RdsNetwork, type RdsNetworkArgs, rdsNetwork } from "../platform/rds-network";

/**
 * What the servers of one region share: the network, and the KMS key of volumes, snapshots, logs, Performance Insights
 * and the master user's secret. RDS and Secrets Manager use the key on behalf of the principal that creates a server,
 * by grants for that resource, which the account's own policies allow.
 */
export interface RdsRegion extends RdsNetwork {
  readonly stackRegion: ServerRegion;
  readonly key: aws.kms.Key;
}

export function rdsRegion(name: string, args: RdsNetworkArgs, parent: pulumi.Resource): RdsRegion {
  const { platform, stackRegion } = args;
  const region = new pulumi.ComponentResource("sark:aws:RdsRegion", name, {}, { parent });
  const network = rdsNetwork(`${name}-network`, args, region);
  const { names } = stackRegion;
  const key = encryptionKey(
    `${name}-key`,
    {
      names,
      purpose: "database",
      description: `Servers of ${names.base} on RDS, their snapshots and their logs`,
      users: [logsOfServers(names)],
      protect: platform.protection,
    },
    platform.optionsIn(region, stackRegion),
  );
  return { ...network, stackRegion, key };
}

/**
 * CloudWatch Logs uses the key as its own service principal, so the policy allows it, for the servers' log groups only.
 */
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
