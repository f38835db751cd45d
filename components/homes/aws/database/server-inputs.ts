import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsPlatform } from "../platform/aws-platform";
import type { MonitoringRole } from "./monitoring-role";
import type { RdsRegion } from "./rds-region";
import { EXPORTED_LOGS } from "./server-logs";

/** Arguments of {@link serverInputs}. */
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

/** Inputs of a server that takes writes: its backups outlive it. */
export function writerInputs(
  { settings }: AwsPlatform,
  finalSnapshotIdentifier: pulumi.Output<string>,
) {
  return {
    backupRetentionPeriod: settings.backups.retentionDays,
    backupWindow: settings.sark.rds.backupWindow,
    deleteAutomatedBackups: false,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier,
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
