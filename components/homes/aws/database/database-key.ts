import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type AwsNames, arn } from "../plan/aws-names";
import type { Statement } from "../plan/policy-document";
import { encryptionKey } from "../encryption-key";

/** Arguments of {@link databaseKey}. */
export interface DatabaseKeyArgs {
  readonly names: AwsNames;
  /** Whether a deletion is refused, and the key outlives the stack. */
  readonly protect: boolean;
}

/**
 * The key of a region's servers: their volumes, snapshots, logs, what Performance Insights keeps, and the master's
 * secret. RDS and Secrets Manager use it on behalf of whoever asks for a server, by grants for that one resource, which
 * the account's own policies decide on. CloudWatch Logs asks in its own name, and so is allowed here, for the servers'
 * log groups only.
 */
export function databaseKey(
  name: string,
  { names, protect }: DatabaseKeyArgs,
  opts: pulumi.CustomResourceOptions,
): aws.kms.Key {
  return encryptionKey(
    name,
    {
      names,
      purpose: "database",
      description: `Servers of ${names.base} on RDS, their snapshots and their logs`,
      users: [logsOfServers(names)],
      protect,
    },
    opts,
  );
}

function logsOfServers(names: AwsNames): Statement {
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
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": arn(
          names,
          "logs",
          `log-group:/aws/rds/instance/${names.base}*`,
        ),
      },
    },
  };
}
