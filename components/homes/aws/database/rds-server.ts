import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { backupTag } from "../backups/plan/vault-plan";
import type { ServerPlan } from "../../plan/server-plan";
import type { AwsSettings, BackupSettings, RdsSpec } from "../plan/rds-stack";
import type { AwsPlatform } from "../platform/aws-platform";
import type { MasterLogin } from "./master-login";
import type { MonitoringRole } from "./monitoring-role";
import { groupParameters } from "./plan/group-parameters";
import { serverClass } from "./plan/instance-classes";
import type { Volume } from "./plan/rds-storage";
import { type Role, serverVersion } from "./plan/replica-parameters";
import type { RdsRegion } from "./rds-region";

/** Arguments that all servers of a database share. */
export interface DatabaseArgs {
  readonly platform: AwsPlatform;
  readonly aws: AwsSettings;
  readonly database: RdsSpec;
  /** Plan of the primary. */
  readonly plan: ServerPlan;
  readonly volume: Volume;
  readonly backups: BackupSettings;
}

/** Arguments of one server. */
export interface ServerArgs extends DatabaseArgs {
  /** Region of the server; a replica's may differ from the primary's. */
  readonly region: RdsRegion;
  readonly monitoring: MonitoringRole;
  readonly master: MasterLogin;
  readonly identifier: string;
}

/** Arguments that differ between primary and replica. */
interface OwnArgs {
  readonly role: Role;
  /** Whether it accepts writes. If so, its backups are kept after its deletion. */
  readonly writes: boolean;
  readonly inputs: Partial<aws.rds.InstanceArgs>;
  /** Resources that must exist before it, besides those created here. */
  readonly dependsOn: readonly pulumi.Resource[];
}

type Inputs = Partial<aws.rds.InstanceArgs>;

/**
 * Certificate authority of the servers: RDS's default in all regions, valid until 2061, with RSA 2048, which every
 * client supports. RDS renews server certificates by itself. Set explicitly, as an account may have another default.
 */
const AUTHORITY = "rds-ca-rsa2048-g1";

/** Logs that a server exports to CloudWatch: its own, and those of major upgrades. */
const EXPORTED_LOGS = ["postgresql", "upgrade"];

/** A server on RDS, with its parameter group and log groups. */
export abstract class RdsServer extends pulumi.ComponentResource {
  readonly identifier: string;
  /** Role that it was created with. */
  readonly role: Role;
  /** Whether it accepts writes: a primary and a promoted replica do. */
  readonly acceptsWrites: boolean;
  readonly instance: aws.rds.Instance;

  protected constructor(
    kind: "RdsPrimary" | "RdsReplica",
    name: string,
    args: ServerArgs,
    { role, writes, inputs, dependsOn }: OwnArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(`sark:aws:${kind}`, name, {}, opts);
    const { platform, database, region, monitoring, master, identifier } = args;
    const { protection } = platform;
    const { names } = region.stackRegion;
    this.identifier = identifier;
    this.role = role;
    this.acceptsWrites = writes;
    const parameters = this.#parameters(`${name}-parameters`, args, role);
    const logs = EXPORTED_LOGS.map((log) => this.#log(`${name}-log-${log}`, args, log));
    this.instance = new aws.rds.Instance(
      `${name}-instance`,
      {
        identifier,
        instanceClass: serverClass(database, role).name,
        ...serverInputs(args, parameters),
        ...(writes ? { ...master.inputs, ...this.#writerInputs(name, args) } : {}),
        ...inputs,
        tags: { ...names.tags, ...(writes ? backupTag(names) : {}) },
      },
      {
        ...platform.optionsIn(this, region.stackRegion),
        protect: protection,
        retainOnDelete: protection,
        // Nothing may replace a server, so properties that RDS cannot change in place are ignored after creation. A
        // failover changes the zone; a server from a snapshot has the snapshot's key; and removing a snapshot's name
        // would replace the server with an empty one.
        ignoreChanges: [
          "availabilityZone",
          "kmsKeyId",
          "snapshotIdentifier",
          "restoreToPointInTime",
        ],
        customTimeouts: { create: "3h", update: "3h", delete: "90m" },
        dependsOn: [...dependsOn, ...logs, monitoring.ready],
      },
    );
    this.registerOutputs({ identifier });
  }

  /**
   * Creates the parameter group. It belongs to one major version: an upgrade creates a new group, assigns it to the
   * server, and deletes the old one last. With `protection` the old one stays: a server that waits for its maintenance
   * window still uses it, and RDS does not delete a group in use.
   */
  #parameters(
    name: string,
    { platform, database, plan, region: { stackRegion } }: ServerArgs,
    role: Role,
  ): aws.rds.ParameterGroup {
    const { base, tags } = stackRegion.names;
    const majorVersion = serverVersion(database, role);
    return new aws.rds.ParameterGroup(
      name,
      {
        namePrefix: `${base}-pg${majorVersion}-`,
        family: `postgres${majorVersion}`,
        description: `PostgreSQL ${majorVersion}, ${role} of ${base}`,
        parameters: groupParameters(database, role, plan),
        tags,
      },
      {
        ...platform.optionsIn(this, stackRegion),
        deleteBeforeReplace: false,
        retainOnDelete: platform.protection,
      },
    );
  }

  /**
   * Creates a log group before the server. Otherwise RDS would create it unencrypted and without expiry. With
   * `protection` it is kept when the stack is destroyed, for later audits of access to the data.
   */
  #log(
    name: string,
    { platform, aws: { logRetentionDays }, region, identifier }: ServerArgs,
    log: string,
  ): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      name,
      {
        name: `/aws/rds/instance/${identifier}/${log}`,
        retentionInDays: logRetentionDays,
        kmsKeyId: region.key.arn,
        tags: region.stackRegion.names.tags,
      },
      { ...platform.optionsIn(this, region.stackRegion), retainOnDelete: platform.protection },
    );
  }

  /**
   * Backup inputs of a server that accepts writes. The name of its final snapshot is stable across runs and unique to
   * the server: RDS refuses a deletion when a snapshot with that name exists.
   */
  #writerInputs(name: string, { database, backups }: ServerArgs): Inputs {
    const { identifier } = this;
    const { hex: finalSnapshotIdentifier } = new random.RandomId(
      `${name}-final-snapshot`,
      { byteLength: 4, prefix: `${identifier}-final-`, keepers: { identifier } },
      { parent: this },
    );
    return {
      backupRetentionPeriod: backups.retentionDays,
      backupWindow: database.rds.backupWindow,
      deleteAutomatedBackups: false,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier,
    };
  }
}

/**
 * Inputs of every server: network, security, changes and monitoring. A server restored from a backup needs all of them
 * again: RDS would put it into the default network with default parameters, in one zone.
 */
function serverInputs(
  { platform, aws: { port }, database, region, monitoring }: ServerArgs,
  parameters: aws.rds.ParameterGroup,
): Inputs {
  const { rds, availability } = database;
  return {
    // Network
    port,
    publiclyAccessible: false,
    networkType: "IPV4",
    vpcSecurityGroupIds: [region.securityGroupId],
    multiAz: availability === "multi-zone",

    // Security
    storageEncrypted: true,
    iamDatabaseAuthenticationEnabled: true,
    caCertIdentifier: AUTHORITY,
    deletionProtection: platform.protection,

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
    performanceInsightsKmsKeyId: region.key.arn,
    performanceInsightsRetentionPeriod: rds.insightsDays,
    enabledCloudwatchLogsExports: EXPORTED_LOGS,
  };
}

/** Volume inputs without the size: a replica has its source's size, and RDS refuses it as an input. */
export function volumeInputs({ maximum, iops, throughput }: Volume) {
  return {
    storageType: "gp3",
    maxAllocatedStorage: maximum,
    iops,
    storageThroughput: throughput,
  } satisfies Inputs;
}
