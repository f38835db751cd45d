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
  /** Its number among the replicas of the region, from 1. Each replica is in the next zone. */
  readonly number: number;
  /** Whether it was promoted: it no longer replicates, and cannot go back. */
  readonly promoted: boolean;
}

/**
 * A read replica of the primary, with its own parameters.
 *
 * A promotion changes it in place: it stops replicating, gets backups and a final snapshot, and accepts writes. RDS
 * restarts it. From the primary it has the database, the logins and the volume's size; in the same region also the key
 * and subnets.
 */
export class RdsReplica extends RdsServer {
  constructor(name: string, args: RdsReplicaArgs, opts?: pulumi.ComponentResourceOptions) {
    const { volume, primary, promoted } = args;
    const inputs = {
      ...(promoted ? {} : replicationInputs(args)),
      ...placement(args),
      ...volumeInputs(volume),
    };
    const own = { role: "replica", writes: promoted, inputs } as const;
    super("RdsReplica", name, args, { ...own, dependsOn: [primary.instance] }, opts);
  }
}

/**
 * Inputs for replication. The source is an ARN across regions, an identifier within one; the provider cannot change it.
 */
function replicationInputs({ platform, region, primary }: RdsReplicaArgs) {
  return {
    replicateSourceDb: isInSecondRegion(platform, region)
      ? arn(platform.names, "rds", `db:${primary.identifier}`)
      : primary.identifier,
    // Its data is on the primary as well.
    skipFinalSnapshot: true,
  };
}

/**
 * Inputs for subnets, key and zone. In the primary's region RDS uses the primary's subnets and key, and refuses both as
 * inputs. A single-zone replica is in another zone than the primary, which is in the first.
 */
function placement(args: RdsReplicaArgs): Partial<aws.rds.InstanceArgs> {
  const { platform, database, region, number } = args;
  if (isInSecondRegion(platform, region)) {
    return { dbSubnetGroupName: region.subnetGroupName, kmsKeyId: region.key.arn };
  }
  if (database.availability === "multi-zone") return {};
  const zones = zonesOf(region.stackRegion.network);
  return { availabilityZone: zones[number % zones.length] };
}

function isInSecondRegion({ main }: AwsPlatform, { stackRegion }: RdsRegion): boolean {
  return stackRegion.names.region !== main.names.region;
}
