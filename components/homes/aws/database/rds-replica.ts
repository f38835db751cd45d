import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { backupTag } from "../backups/plan/backup-tag";
import { serverClass } from "./plan/instance-classes";
import { arn } from "../plan/aws-names";
import { zonesOf } from "../platform/plan/network";
import type { AwsPlatform } from "../platform/aws-platform";
import type { MasterLogin } from "./master-login";
import type { MonitoringRole } from "./monitoring-role";
import { parameterGroup } from "./parameter-group";
import type { RdsPrimary } from "./rds-primary";
import type { RdsRegion } from "./rds-region";
import { serverInputs, serverOptions, volumeInputs, writerInputs } from "./server-inputs";
import { serverLogs } from "./server-logs";

export interface RdsReplicaArgs {
  readonly platform: AwsPlatform;
  /** Where it is: the primary's region, or another. */
  readonly region: RdsRegion;
  readonly monitoring: MonitoringRole;
  readonly primary: RdsPrimary;
  readonly master: MasterLogin;
  readonly identifier: string;
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
export class RdsReplica extends pulumi.ComponentResource {
  readonly identifier: string;
  readonly instance: aws.rds.Instance;

  constructor(name: string, args: RdsReplicaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:aws:RdsReplica", name, {}, opts);
    const { platform, region, monitoring, primary, identifier } = args;
    const { settings } = platform;
    const { names } = region.place;
    this.identifier = identifier;
    const parameters = parameterGroup(
      `${name}-parameters`,
      {
        platform,
        place: region.place,
        role: "replica",
        majorVersion: settings.sark.majorVersion,
      },
      this,
    );
    const logs = serverLogs(name, { platform, region, identifier }, this);
    this.instance = new aws.rds.Instance(
      `${name}-instance`,
      {
        identifier,
        instanceClass: serverClass(settings, "replica").name,
        ...serverInputs({ platform, region, monitoring, parameters }),
        ...(args.promoted
          ? { ...args.master.inputs, ...writerInputs(platform, name, identifier, this) }
          : following(args)),
        ...placement(args),
        ...volumeInputs(settings),
        tags: { ...names.tags, ...(args.promoted ? backupTag(names) : {}) },
      },
      {
        ...serverOptions(platform, this, region),
        dependsOn: [primary.instance, ...logs, monitoring.ready],
      },
    );
    this.registerOutputs({ identifier });
  }
}

/** Across regions a source is named by its ARN, in its own by its identifier; the provider takes no change of it. */
function following({ platform, region, primary }: RdsReplicaArgs) {
  return {
    replicateSourceDb: isAbroad(platform, region)
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
function placement({ platform, region, number }: RdsReplicaArgs): Partial<aws.rds.InstanceArgs> {
  if (isAbroad(platform, region)) {
    return { dbSubnetGroupName: region.network.subnetGroupName, kmsKeyId: region.key.arn };
  }
  if (platform.settings.sark.availability === "multi-zone") return {};
  const zones = zonesOf(region.place.network);
  return { availabilityZone: zones[number % zones.length] };
}

function isAbroad({ main }: AwsPlatform, { place }: RdsRegion): boolean {
  return place.names.region !== main.names.region;
}
