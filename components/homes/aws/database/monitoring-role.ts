import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, servicePolicy, serviceTrust } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";

/**
 * IAM role with which Enhanced Monitoring writes operating system metrics to CloudWatch. One role serves all regions.
 * Only RDS may assume it, and only for this account: a server of another account could name the role too.
 */
export class MonitoringRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** Resource that servers must depend on: RDS refuses a server whose role lacks its policy. */
  readonly ready: pulumi.Resource;

  constructor(name: string, platform: AwsPlatform, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:MonitoringRole", name, {}, opts);
    const { names } = platform;
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: `${names.base}-rds-monitoring`,
        description: `Enhanced Monitoring of the servers of ${names.base} on RDS`,
        assumeRolePolicy: policyDocument([
          serviceTrust(names, "RdsForThisAccount", "monitoring.rds.amazonaws.com"),
        ]),
        tags: names.tags,
      },
      platform.optionsIn(this),
    );
    this.ready = new aws.iam.RolePolicyAttachment(
      `${name}-policy`,
      {
        role: role.name,
        policyArn: servicePolicy(names, "AmazonRDSEnhancedMonitoringRole"),
      },
      platform.optionsIn(this),
    );
    this.arn = role.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
