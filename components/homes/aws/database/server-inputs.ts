import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Settings } from "../../../settings/plan/settings-schema";
import type { AwsPlatform } from "../platform/aws-platform";
import type { MonitoringRole } from "./monitoring-role";
import { volume } from "./plan/rds-storage";
import type { RdsRegion } from "./rds-region";
import { EXPORTED_LOGS } from "./server-logs";

export interface ServerInputsArgs {
  readonly platform: AwsPlatform;
  readonly region: RdsRegion;
  readonly monitoring: MonitoringRole;
  readonly parameters: aws.rds.ParameterGroup;
}

/**
 * The authority that signs the servers' certificates. It is RDS's default of all regions, valid until 2061, and every
 * client checks RSA with 2048 bits; a server renews its own certificate by itself. Named, because an account may have
 * another default.
 */
const AUTHORITY = "rds-ca-rsa2048-g1";

/**
 * What every server on RDS is told, whether it is the primary or a replica: where it is, that nobody outside of that
 * reaches it, what it is encrypted with, and how it is watched. All of it is told anew to a server that is made from a
 * backup: RDS itself would put that into the default network with the default parameters, in one zone.
 */
export function serverInputs({ platform, region, monitoring, parameters }: ServerInputsArgs) {
  const { settings } = platform;
  const { rds, availability } = settings.sark;
  const { network, key } = region;
  return {
    // Network
    port: platform.aws.port,
    publiclyAccessible: false,
    networkType: "IPV4",
    vpcSecurityGroupIds: [...network.securityGroupIds],
    multiAz: availability === "multi-zone",

    // Security
    storageEncrypted: true,
    iamDatabaseAuthenticationEnabled: true,
    caCertIdentifier: AUTHORITY,
    deletionProtection: settings.protection,

    // Changes
    parameterGroupName: parameters.name,
    autoMinorVersionUpgrade: rds.minorUpgrades,
    maintenanceWindow: rds.maintenanceWindow,
    applyImmediately: rds.applyImmediately,
    copyTagsToSnapshot: true,

    // Monitoring
    monitoringInterval: rds.monitoringSeconds,
    monitoringRoleArn: monitoring.arn,
    performanceInsightsEnabled: true,
    performanceInsightsKmsKeyId: key.arn,
    performanceInsightsRetentionPeriod: rds.insightsDays,
    enabledCloudwatchLogsExports: [...EXPORTED_LOGS],
  } satisfies Partial<aws.rds.InstanceArgs>;
}

/**
 * Inputs of a server that takes writes: its backups outlive it. RDS takes a snapshot before it deletes the server, by a
 * name that is the same in every run and of no other server: a deletion whose snapshot exists is refused.
 */
export function writerInputs(
  { settings }: AwsPlatform,
  name: string,
  identifier: string,
  parent: pulumi.Resource,
) {
  const { hex: finalSnapshotIdentifier } = new random.RandomId(
    `${name}-final-snapshot`,
    { byteLength: 4, prefix: `${identifier}-final-`, keepers: { identifier } },
    { parent },
  );
  return {
    backupRetentionPeriod: settings.backups.retentionDays,
    backupWindow: settings.sark.rds.backupWindow,
    deleteAutomatedBackups: false,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier,
  } satisfies Partial<aws.rds.InstanceArgs>;
}

/** The volume of a server but for its size: a replica has that of its source, and is not told. */
export function volumeInputs(settings: Settings) {
  const { maximum, iops, throughput } = volume(settings);
  return {
    storageType: "gp3",
    maxAllocatedStorage: maximum,
    iops,
    storageThroughput: throughput,
  } satisfies Partial<aws.rds.InstanceArgs>;
}

/**
 * Options of a server. Nothing replaces one: what cannot be changed in place is ignored once it is made. A failover
 * moves it to another zone; the key of a server from a snapshot is the snapshot's; and where its data came from is
 * history (taking out the name of a snapshot has emptied others' databases).
 */
export function serverOptions(platform: AwsPlatform, parent: pulumi.Resource, region: RdsRegion) {
  const { protection } = platform.settings;
  return {
    ...platform.inside(parent, region.place),
    protect: protection,
    retainOnDelete: protection,
    ignoreChanges: ["availabilityZone", "kmsKeyId", "snapshotIdentifier", "restoreToPointInTime"],
    customTimeouts: { create: "3h", update: "3h", delete: "90m" },
  } satisfies pulumi.CustomResourceOptions;
}
