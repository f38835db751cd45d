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

/** What all servers of a database have in common. */
export interface DatabaseArgs {
  readonly platform: AwsPlatform;
  readonly aws: AwsSettings;
  readonly database: RdsSpec;
  /** Of the database, as the primary is made. */
  readonly plan: ServerPlan;
  readonly volume: Volume;
  readonly backups: BackupSettings;
}

/** What every server of a database is made with. */
export interface ServerArgs extends DatabaseArgs {
  /** Where it is: a replica may be in another than the primary's. */
  readonly region: RdsRegion;
  readonly monitoring: MonitoringRole;
  readonly master: MasterLogin;
  readonly identifier: string;
}

/** What tells one kind of server from the other. */
interface OwnArgs {
  readonly role: Role;
  /** Whether it takes writes: then its backups outlive it. */
  readonly writes: boolean;
  readonly inputs: Partial<aws.rds.InstanceArgs>;
  /** What has to be there before it, besides what is made here. */
  readonly dependsOn: readonly pulumi.Resource[];
}

type Inputs = Partial<aws.rds.InstanceArgs>;

/**
 * The authority that signs the servers' certificates. It is RDS's default of all regions, valid until 2061, and every
 * client checks RSA with 2048 bits; a server renews its own certificate by itself. Named, because an account may have
 * another default.
 */
const AUTHORITY = "rds-ca-rsa2048-g1";

/** What a server hands to CloudWatch: what it logs, and what a change of its major version logs. */
const EXPORTED_LOGS = ["postgresql", "upgrade"];

/** A server on RDS: its parameters, its logs, and itself. */
export abstract class RdsServer extends pulumi.ComponentResource {
  readonly identifier: string;
  /** What it was made as. */
  readonly role: Role;
  /** Whether it takes writes: a promoted replica does. */
  readonly writes: boolean;
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
    const { names } = region.place;
    this.identifier = identifier;
    this.role = role;
    this.writes = writes;
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
        ...platform.inside(this, region.place),
        protect: protection,
        retainOnDelete: protection,
        // Nothing replaces a server: what cannot be changed in place is ignored once it is made. A failover moves it to
        // another zone; the key of a server from a snapshot is the snapshot's; and where its data came from is history
        // (taking out the name of a snapshot has emptied others' databases).
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
   * A group belongs to one major version: an upgrade makes a new one under a name of its own, gives it to the server, and
   * deletes the old one last. With `protection` the old one stays: a server that waits for its maintenance window still
   * has it, and RDS deletes none that is in use.
   */
  #parameters(
    name: string,
    { platform, database, plan, region: { place } }: ServerArgs,
    role: Role,
  ): aws.rds.ParameterGroup {
    const { base, tags } = place.names;
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
        ...platform.inside(this, place),
        deleteBeforeReplace: false,
        retainOnDelete: platform.protection,
      },
    );
  }

  /**
   * A log group, made before the server. RDS would make it itself, without encryption and to be kept for ever. With
   * `protection` it stays when the stack goes: who reached the data is asked afterwards.
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
        tags: region.place.names.tags,
      },
      { ...platform.inside(this, region.place), retainOnDelete: platform.protection },
    );
  }

  /**
   * RDS takes a snapshot before it deletes the server, by a name that is the same in every run and of no other server: a
   * deletion whose snapshot exists is refused.
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
 * What every server is told: where it is, that nobody outside of that reaches it, what it is encrypted with, and how it is
 * watched. All of it is told anew to a server that is made from a backup: RDS itself would put that into the default
 * network with the default parameters, in one zone.
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

/** The volume of a server but for its size: a replica has that of its source, and is not told. */
export function volumeInputs({ maximum, iops, throughput }: Volume) {
  return {
    storageType: "gp3",
    maxAllocatedStorage: maximum,
    iops,
    storageThroughput: throughput,
  } satisfies Inputs;
}
