import type { Settings } from "../../../settings/plan/settings-stack";
import { RDS_SESSIONS } from "../../../connections/plan/connection-sums";
import { MANAGED_ADMIN } from "../../../roles/plan/home-roles";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { completeSize } from "../../../settings/plan/database-settings";
import type { Home } from "../../plan/home";
import type { ServerSpec } from "../../plan/server-spec";
import { classTooSmall } from "../database/plan/class-problems";
import { primaryClass, replicaClass, reservedMemory } from "../database/plan/instance-classes";
import { rdsEffects } from "../database/plan/rds-effects";
import { GP3, volume } from "../database/plan/rds-storage";
import { stackNameProblems } from "./aws-names";
import { awsPlannedProblems, awsProblems } from "./aws-problems";
import { withArchiveRoles } from "../backups/plan/backup-accounts";
import { rdsBackups } from "../backups/plan/rds-backups";
import { rdsAuthorities } from "../database/plan/rds-authorities";
import { rdsRegions } from "../database/plan/rds-regions";
import { awsStack } from "./rds-stack";
import { type AwsStackSettings, awsSettings } from "./settings-aws";
import { type RdsSpec, isOnRds, rdsDatabase } from "./settings-rds";

const GiB = 2 ** 30;

/** Master user, which RDS creates with the server: `components/homes/aws/database/master-login.ts`. */
const RDS_MASTER = "sark_master";

/** The AWS home: servers on Amazon RDS; PgBouncer and jobs run on Kubernetes. */
export const awsHome: Home = {
  settings: {
    group: awsSettings.optional().meta({
      description:
        "Account, region and network of the stack's AWS resources. Left out: none are created.",
    }),
    sark: rdsDatabase,
    sark_audit: "Amazon RDS does not offer the timescaledb extension, which sark_audit needs",
  },
  // A stack may use AWS only for the backup bucket of databases on Kubernetes.
  isUsed: ({ aws }: AwsStackSettings) => aws !== undefined,
  workloads: "kubernetes",
  pool: { single: false, surge: 1 },
  // RDS user guide, "WAL segment size".
  kind: { build: "rds", walSegment: 64 },
  onThisMachine: false,
  // RDS takes a final snapshot before a server is deleted.
  dataAfterDelete: "saved",
  effects: rdsEffects,
  problems: (settings: AwsStackSettings, stack, now, request) => {
    const topics = awsStack(settings, request);
    return [...(topics.aws ? stackNameProblems(stack) : []), ...awsProblems(topics, now)];
  },
  plannedProblems: (settings: AwsStackSettings, servers, request) =>
    awsPlannedProblems(awsStack(settings, request), servers.sark),

  describe: (settings: AwsStackSettings) => {
    const { aws, application } = settings;
    const database = rdsSettings(settings);
    const { storage, ...given } = completeSize(database.size);
    const { memory, vcpus } = primaryClass(database) ?? given;
    const { majorVersion = database.majorVersion, parameters } = database.rds.replica;
    return {
      // RDS volumes are network storage, whatever kind the settings name.
      size: { memory, vcpus, storage: { ...storage, kind: "san" } },
      reservedMemory: reservedMemory(memory),
      replicas: database.replicas,
      // The replica in a second region replicates from the primary as well.
      sessions: { ...RDS_SESSIONS, moreReplicas: aws?.secondRegion?.replica ? 1 : 0 },
      given: [
        { majorVersion, parameters, replicas: 1, path: ["sark", "rds", "replica", "parameters"] },
      ],
      load: application.tier,
    };
  },

  // If the machine is too small, the setting to change is its class.
  machineProblem: (settings, problem, input) => {
    const machine = primaryClass(rdsSettings(settings));
    return machine !== undefined && problem.key === "memory"
      ? classTooSmall(problem, input, machine, ["sark", "rds", "instanceClass"])
      : undefined;
  },

  relay: ({ aws }: AwsStackSettings) =>
    aws ? { setting: ["aws", "localPort"], port: aws.localPort, defaultPort: 25433 } : undefined,

  // RDS has no pod to forward a port to, so a gateway pod is needed.
  gateway: ({ sark, route }) => route === "port-forward" && sark.tunnel === undefined,

  outside: ({ aws }: AwsStackSettings) =>
    aws && {
      port: aws.port,
      authorities: () => rdsAuthorities(rdsRegions(aws)),
      gatewayImage: aws.gateway.image,
      exporter: aws.exporter.enabled ? aws.exporter : undefined,
    },

  backups: ({ backups, aws }: AwsStackSettings, stack, { clients }) =>
    withArchiveRoles(backups, clients?.accounts ?? [], aws, stack),

  backupsOf: ({ aws, backups }: AwsStackSettings) => rdsBackups(aws, backups),

  serverSpec: (settings: AwsStackSettings, _database, { size: { memory, vcpus } }) => {
    const { aws, application } = settings;
    const database = rdsSettings(settings);
    const { allocated, maximum, iops, throughput } = volume(database, application.tier);
    const zones = database.availability === "multi-zone" ? 2 : 1;
    return {
      ...classes(database),
      vcpus,
      memory,
      storage: {
        size: allocated * GiB,
        kind: "gp3",
        ...(maximum === undefined ? {} : { maximum: maximum * GiB }),
        iops: iops ?? GP3.below.iops,
        throughput: throughput ?? GP3.below.throughput,
      },
      standBys: zones - 1,
      replicas: database.replicas + (aws?.secondRegion?.replica ? 1 : 0),
      zones,
    };
  },

  roles: (admin) => ({
    roles: {
      [admin]: MANAGED_ADMIN,
      // It creates the administrator. Its other attributes are up to RDS.
      [RDS_MASTER]: { attributes: { superuser: false } },
    },
    prefix: "rds",
    managesServer: true,
    ownsDatabase: true,
    connect: [],
    closed: { databases: UNUSED_DATABASES, owner: RDS_MASTER },
  }),
};

/** @throws Error when the database is in another home */
function rdsSettings({ sark }: Settings): RdsSpec {
  if (isOnRds(sark)) return sark;
  throw new Error("sark is not on RDS");
}

function classes(database: RdsSpec): Pick<ServerSpec, "class" | "replicaClass"> {
  const primary = primaryClass(database)?.name;
  const replica = replicaClass(database)?.name;
  return {
    ...(primary === undefined ? {} : { class: primary }),
    ...(replica === undefined || replica === primary ? {} : { replicaClass: replica }),
  };
}
