import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { zonesOf } from "../platform/plan/network";
import { MASTER_USER } from "./master-login";
import { RdsServer, type ServerArgs, volumeInputs } from "./rds-server";
import { recoverySource } from "./recovery";

/**
 * The primary of one generation, created empty or from a backup.
 *
 * Class, storage, windows, parameters and major version change in place. `rds.applyImmediately` decides whether changes
 * with downtime are applied at once, or in the maintenance window. With replicas, a major upgrade must be applied at
 * once: RDS upgrades them too, and refuses them the new version's parameter group before. The volume grows by
 * autoscaling and never shrinks.
 */
export class RdsPrimary extends RdsServer {
  constructor(name: string, args: ServerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, database, region } = args;
    const { majorVersion, availability, rds } = database;
    const inputs = {
      engine: "postgres",
      // RDS chooses the minor version; `minorUpgrades` lets RDS upgrade it.
      engineVersion: String(majorVersion),
      allowMajorVersionUpgrade: true,
      // A new master user, or the one in the backup. No `dbName`: RDS would create the database with a libc collation,
      // whose updates corrupt indexes, and the collation cannot be changed later. `Administrator` creates the database.
      ...(recoverySource(database, platform.names) ?? { username: MASTER_USER }),
      dbSubnetGroupName: region.subnetGroupName,
      kmsKeyId: region.key.arn,
      // A single server gets a fixed zone, so that a replica can be in another.
      ...(availability === "single"
        ? { availabilityZone: zonesOf(region.stackRegion.network)[0] }
        : {}),
      ...volumeOf(args),
      ...(rds.blueGreen ? { blueGreenUpdate: { enabled: true } } : {}),
    };
    super("RdsPrimary", name, args, { role: "primary", writes: true, inputs, dependsOn: [] }, opts);
  }
}

/**
 * Volume inputs. A restore from a snapshot keeps the snapshot's size and speed; they can be changed only afterwards.
 */
function volumeOf({ database, volume }: ServerArgs): Partial<aws.rds.InstanceArgs> {
  const { recovery, rds } = database;
  const { maxAllocatedStorage, ...rest } = volumeInputs(volume);
  if (recovery && rds.snapshot !== undefined) return { maxAllocatedStorage };
  return { allocatedStorage: volume.allocated, maxAllocatedStorage, ...rest };
}
