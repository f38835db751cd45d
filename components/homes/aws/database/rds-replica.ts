import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { arn } from "../plan/aws-names";
import { zonesOf } from "../platform/plan/network";
import type { AwsPlatform } from "../platform/aws-platform";
import type { RdsPrimary } from "./rds-primary";
import type { RdsRegion } from "./rds-region";
import { RdsServer, type ServerArgs, volumeInputs } from "./rds-server";

export interface RdsReplicaArgs extends ServerArgs {
  readonly primary: RdsPrimary;
  /** Its place among the replicas of the region, from 1: each next one is in the next zone. */
  readonly number: number;
  /** Whether it has become the primary: it follows no more and does not go back. */
  readonly promoted: boolean;
}

/**
 * A server that follows the primary, with parameters of its own and reads as its work.
 *
 * Promoting it is a change in place: it lets go of the primary, gets backups and a final snapshot, and takes writes.
 * RDS restarts it. What it has of the primary is the database, the logins, the size of its volume, and, in the same
 * region, the key and the subnets.
 */
export class RdsReplica extends RdsServer {
  constructor(name: string, args: RdsReplicaArgs, opts?: pulumi.ComponentResourceOptions) {
    const { volume, primary, promoted } = args;
    const inputs = {
      ...(promoted ? {} : following(args)),
      ...placement(args),
      ...volumeInputs(volume),
    };
    const own = { role: "replica", writes: promoted, inputs } as const;
    super("RdsReplica", name, args, { ...own, dependsOn: [primary.instance] }, opts);
  }
}

/** Across regions a source is named by its ARN, in its own by its identifier; the provider takes no change of it. */
function following({ platform, region, primary }: RdsReplicaArgs) {
  return {
    replicateSourceDb: isElsewhere(platform, region)
      ? arn(platform.names, "rds", `db:${primary.identifier}`)
      : primary.identifier,
    // All that it has the primary has as well.
    skipFinalSnapshot: true,
  };
}

/**
 * In its own region RDS puts a replica beside its source, encrypted with the same key, and refuses to be told either.
 * A single server is in another zone than the primary, which is in the first.
 */
function placement(args: RdsReplicaArgs): Partial<aws.rds.InstanceArgs> {
  const { platform, database, region, number } = args;
  if (isElsewhere(platform, region)) {
    return { dbSubnetGroupName: region.subnetGroupName, kmsKeyId: region.key.arn };
  }
  if (database.availability === "multi-zone") return {};
  const zones = zonesOf(region.place.network);
  return { availabilityZone: zones[number % zones.length] };
}

function isElsewhere({ main }: AwsPlatform, { place }: RdsRegion): boolean {
  return place.names.region !== main.names.region;
}
