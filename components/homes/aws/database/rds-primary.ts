import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { zonesOf } from "../platform/plan/network";
import { MASTER_USER } from "./master-login";
import { RdsServer, type ServerArgs, volumeInputs } from "./rds-server";
import { recoverySource } from "./recovery";

/**
 * The server of one generation that is made with a database, or from a backup.
 *
 * In place: class, storage, windows, parameters, the major version. `rds.applyImmediately` decides whether what stops it
 * is done at once, or in the maintenance window. With replicas a major upgrade has to be done at once: RDS takes them
 * along, and refuses them the new version's parameters before. A volume grows by itself and never shrinks.
 */
export class RdsPrimary extends RdsServer {
  constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, database, region } = args;
    const { majorVersion, availability, rds } = database;
    const inputs = {
      engine: "postgres",
      // RDS chooses the minor version, and `minorUpgrades` raises it.
      engineVersion: String(majorVersion),
      allowMajorVersionUpgrade: true,
      // A new master, or what a backup holds, which has one. No `dbName`: the database that RDS makes by it sorts text by a
      // C library whose updates corrupt indexes, and an order is for ever; the `Administrator` makes it.
      ...(recoverySource(database, platform.names) ?? { username: MASTER_USER }),
      dbSubnetGroupName: region.subnetGroupName,
      kmsKeyId: region.key.arn,
      // Of one server the zone is chosen, so that a replica can be in another.
      ...(availability === "single" ? { availabilityZone: zonesOf(region.place.network)[0] } : {}),
      ...volumeOf(args),
      ...(rds.blueGreen ? { blueGreenUpdate: { enabled: true } } : {}),
    };
    super("RdsPrimary", name, args, { role: "primary", writes: true, inputs, dependsOn: [] }, opts);
  }
}

/** From a snapshot RDS makes the volume as large and as fast as it was, and is not told otherwise before it is there. */
function volumeOf({ database, volume }: ServerArgs): Partial<aws.rds.InstanceArgs> {
  const { recovery, rds } = database;
  const { maxAllocatedStorage, ...rest } = volumeInputs(volume);
  if (recovery && rds.snapshot !== undefined) return { maxAllocatedStorage };
  return { allocatedStorage: volume.allocated, maxAllocatedStorage, ...rest };
}
