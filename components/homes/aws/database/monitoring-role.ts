import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, servicePolicy, serviceTrust } from "../plan/policy-document";
import type { AwsPlatform } from "../platform/aws-platform";

/**
 * What Enhanced Monitoring writes the figures of a server's operating system with. One role serves all regions. Only
 * RDS takes it on, and only for this account: another account's server could name the role as well.
 */
export class MonitoringRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** A server that asks for figures before this is refused. */
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
      platform.inside(this),
    );
    this.ready = new aws.iam.RolePolicyAttachment(
      `${name}-policy`,
      {
        role: role.name,
        policyArn: servicePolicy(names, "AmazonRDSEnhancedMonitoringRole"),
      },
      platform.inside(this),
    );
    this.arn = role.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
