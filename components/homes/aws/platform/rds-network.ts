import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../plan/rds-stack";
import { zonesOf } from "./plan/network";
import type { AwsPlatform } from "./aws-platform";
import type { ServerRegion } from "./stack-regions";

/** Arguments of the network of a region's servers. */
export interface RdsNetworkArgs {
  readonly platform: AwsPlatform;
  readonly stackRegion: ServerRegion;
  /** Security groups that may connect to the servers, by name. */
  readonly sources: AwsSettings["sources"];
  /** Port of the servers. */
  readonly port: number;
}

/**
 * Network of the servers in a region: a subnet group of private subnets, and a security group with one ingress rule for
 * each named source, for the servers' port only. There is no egress rule: an RDS server opens no connections itself,
 * and replication to stand-by and replicas does not pass the VPC's security groups.
 */
export interface RdsNetwork {
  readonly subnetGroupName: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
}

/** Creates the subnet group and the security group of a region's servers. */
export function rdsNetwork(
  name: string,
  { platform, stackRegion, sources, port }: RdsNetworkArgs,
  parent: pulumi.Resource,
): RdsNetwork {
  const component = new pulumi.ComponentResource("sark:aws:RdsNetwork", name, {}, { parent });
  const inside = platform.optionsIn(component, stackRegion);
  const { names, network } = stackRegion;
  const subnets = new aws.rds.SubnetGroup(
    `${name}-subnets`,
    {
      // The name is the only property that cannot be changed in place.
      name: names.base,
      description: `Private subnets of ${names.base} in ${zonesOf(network).join(", ")}`,
      subnetIds: network.subnets.map(({ id }) => id),
      tags: names.tags,
    },
    inside,
  );
  const group = new aws.ec2.SecurityGroup(
    `${name}-security-group`,
    {
      // A prefix, so that a new group can exist beside the old one until the servers use it: AWS does not delete a
      // group in use.
      namePrefix: `${names.base}-database-`,
      description: `Servers of ${names.base} on RDS`,
      vpcId: network.vpc,
      tags: names.tags,
    },
    inside,
  );
  for (const [source, id] of Object.entries(sources)) {
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-from-${source}`,
      {
        securityGroupId: group.id,
        description: `PostgreSQL from ${source}`,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        referencedSecurityGroupId: id,
        tags: names.tags,
      },
      inside,
    );
  }
  return { subnetGroupName: subnets.name, securityGroupId: group.id };
}
