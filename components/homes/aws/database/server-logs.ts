import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsPlatform } from "../platform/aws-platform";
import type { RdsRegion } from "./rds-region";

/** What a server hands to CloudWatch: what it logs, and what a change of its major version logs. */
export const EXPORTED_LOGS = ["postgresql", "upgrade"] as const;

export interface ServerLogsArgs {
  readonly platform: AwsPlatform;
  readonly region: RdsRegion;
  /** Of the server. */
  readonly identifier: string;
}

/**
 * The log groups of a server, made before it. RDS would make them itself, without encryption and to be kept for ever.
 * With `protection` they stay when the stack goes: who reached the data is asked afterwards.
 */
export function serverLogs(
  name: string,
  { platform, region, identifier }: ServerLogsArgs,
  parent: pulumi.Resource,
): readonly aws.cloudwatch.LogGroup[] {
  return EXPORTED_LOGS.map(
    (log) =>
      new aws.cloudwatch.LogGroup(
        `${name}-log-${log}`,
        {
          name: `/aws/rds/instance/${identifier}/${log}`,
          retentionInDays: platform.aws.logRetentionDays,
          kmsKeyId: region.key.arn,
          tags: region.place.names.tags,
        },
        {
          ...platform.inside(parent, region.place),
          retainOnDelete: platform.settings.protection,
        },
      ),
  );
}
