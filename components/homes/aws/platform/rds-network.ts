import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../plan/rds-stack";
import { zonesOf } from "./plan/network";
import type { AwsPlatform } from "./aws-platform";
import type { ServedPlace } from "./places";

/** A region with servers, and who reaches them. */
export interface RdsNetworkArgs {
  readonly platform: AwsPlatform;
  readonly place: ServedPlace;
  /** Security groups that reach the servers, by what they are. */
  readonly sources: AwsSettings["sources"];
  /** Of the servers. */
  readonly port: number;
}

/**
 * Where the servers of a region are, and who reaches them: the private subnets of the network that was given, and a
 * security group with one rule for each named source, for the servers' port only. Nothing leads out: a server on RDS
 * opens no connection of its own, and its stand-by and replicas are fed outside of the VPC's rules.
 */
export interface RdsNetwork {
  readonly subnetGroupName: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
}

export function rdsNetwork(
  name: string,
  { platform, place, sources, port }: RdsNetworkArgs,
  parent: pulumi.Resource,
): RdsNetwork {
  const component = new pulumi.ComponentResource("sark:aws:RdsNetwork", name, {}, { parent });
  const inside = platform.inside(component, place);
  const { names, network } = place;
  const subnets = new aws.rds.SubnetGroup(
    `${name}-subnets`,
    {
      // Of all its properties the name alone cannot be changed in place.
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
      // A prefix: a new group exists beside the old one until the servers have changed over, since AWS deletes none
      // that is in use.
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
