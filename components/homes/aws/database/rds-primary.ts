import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { backupTag } from "../backups/plan/backup-tag";
import { serverClass } from "./plan/instance-classes";
import { primaryIdentifier } from "./plan/instances";
import { zonesOf } from "../platform/plan/network";
import { volume } from "./plan/rds-storage";
import type { AwsPlatform } from "../platform/aws-platform";
import { MASTER_USER, type MasterLogin } from "./master-login";
import type { MonitoringRole } from "./monitoring-role";
import { parameterGroup } from "./parameter-group";
import type { RdsRegion } from "./rds-region";
import { recoverySource } from "./recovery";
import { serverInputs, serverOptions, volumeInputs, writerInputs } from "./server-inputs";
import { serverLogs } from "./server-logs";

export interface RdsPrimaryArgs {
  readonly platform: AwsPlatform;
  readonly region: RdsRegion;
  readonly monitoring: MonitoringRole;
  readonly master: MasterLogin;
}

/**
 * The server of one generation that is made with a database, or from a backup: its parameters, its logs, and itself.
 *
 * In place: class, storage, windows, parameters, the major version. `rds.applyImmediately` decides whether what stops it
 * is done at once, or in the maintenance window. With replicas a major upgrade has to be done at once: RDS takes them
 * along, and refuses them the new version's parameters before. A volume grows by itself and never shrinks.
 */
export class RdsPrimary extends pulumi.ComponentResource {
  readonly identifier: string;
  readonly instance: aws.rds.Instance;

  constructor(
    name: string,
    { platform, region, monitoring, master }: RdsPrimaryArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("sark:aws:RdsPrimary", name, {}, opts);
    const { settings, names } = platform;
    const { majorVersion, availability } = settings.sark;
    this.identifier = primaryIdentifier(settings, names);
    const parameters = parameterGroup(
      `${name}-parameters`,
      { platform, place: region.place, role: "primary", majorVersion },
      this,
    );
    const logs = serverLogs(name, { platform, region, identifier: this.identifier }, this);
    this.instance = new aws.rds.Instance(
      `${name}-instance`,
      {
        identifier: this.identifier,
        engine: "postgres",
        // RDS chooses the minor version, and `minorUpgrades` raises it.
        engineVersion: String(majorVersion),
        allowMajorVersionUpgrade: true,
        instanceClass: serverClass(settings, "primary").name,
        ...origin(platform),
        ...master.inputs,
        ...serverInputs({ platform, region, monitoring, parameters }),
        ...writerInputs(platform, name, this.identifier, this),
        dbSubnetGroupName: region.network.subnetGroupName,
        kmsKeyId: region.key.arn,
        // Of one server the zone is chosen, so that a replica can be in another.
        ...(availability === "single"
          ? { availabilityZone: zonesOf(region.place.network)[0] }
          : {}),
        ...volumeOf(platform),
        ...(settings.sark.rds.blueGreen ? { blueGreenUpdate: { enabled: true } } : {}),
        tags: { ...names.tags, ...backupTag(names) },
      },
      { ...serverOptions(platform, this, region), dependsOn: [...logs, monitoring.ready] },
    );
    this.registerOutputs({ identifier: this.identifier });
  }
}

/**
 * A new master, or what a backup holds, which has one. No `dbName`: the database that RDS makes by it sorts text by a C
 * library whose updates corrupt indexes, and an order is for ever; the `Administrator` makes it.
 */
function origin({ settings, names }: AwsPlatform): Partial<aws.rds.InstanceArgs> {
  return recoverySource(settings, names) ?? { username: MASTER_USER };
}

/** From a snapshot RDS makes the volume as large and as fast as it was, and is not told otherwise before it is there. */
function volumeOf({ settings }: AwsPlatform): Partial<aws.rds.InstanceArgs> {
  const { recovery, rds } = settings.sark;
  const { maxAllocatedStorage, ...rest } = volumeInputs(settings);
  if (recovery && rds.snapshot !== undefined) return { maxAllocatedStorage };
  return { allocatedStorage: volume(settings).allocated, maxAllocatedStorage, ...rest };
}
