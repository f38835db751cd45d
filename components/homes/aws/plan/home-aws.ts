import type { Settings } from "../../../settings/plan/settings-stack";
import { RDS_SESSIONS } from "../../../connections/plan/connection-sums";
import { MANAGED_ADMIN } from "../../../roles/plan/home-roles";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { completeSize } from "../../../settings/plan/database-settings";
import type { Home } from "../../plan/home";
import type { ServerRuns } from "../../plan/server-runs";
import { classTooSmall } from "../database/plan/class-problems";
import { primaryClass, replicaClass, reservedMemory } from "../database/plan/instance-classes";
import { rdsEffects } from "../database/plan/rds-effects";
import { GP3, volume } from "../database/plan/rds-storage";
import { stackNameProblems } from "./aws-names";
import { awsPlannedProblems, awsProblems } from "./aws-problems";
import { withManagedBucket } from "../backups/plan/backup-accounts";
import { rdsAuthorities } from "../database/plan/rds-authorities";
import { rdsRegions } from "../database/plan/rds-regions";
import { awsStack } from "./rds-stack";
import { type AwsStackSettings, awsSettings } from "./settings-aws";
import { type RdsSpec, isOnRds, rdsDatabase } from "./settings-rds";

const GiB = 2 ** 30;

/** RDS makes it with the server: `components/homes/aws/database/master-login.ts`. */
const RDS_MASTER = "sark_master";

/** Servers that Amazon RDS runs; what PgBouncer and the jobs need runs on Kubernetes. */
export const awsHome: Home = {
  settings: {
    group: awsSettings.optional().meta({
      description:
        "The account, region and network of what the stack makes on AWS. Left out: nothing.",
    }),
    sark: rdsDatabase,
    sark_audit:
      "Amazon RDS does not offer the timescaledb extension, which keeps and compresses the events of sark_audit",
  },
  // A bucket for the backups of databases on Kubernetes may be all.
  isUsed: ({ aws }: AwsStackSettings) => aws !== undefined,
  workloads: "kubernetes",
  pool: { single: false, surge: 1 },
  // RDS user guide, "WAL segment size".
  kind: { build: "rds", walSegment: 64 },
  onThisMachine: false,
  // No server is deleted without a last snapshot.
  deleted: "saved",
  effects: rdsEffects,
  problems: (settings: AwsStackSettings, stack, now, request) => {
    const topics = awsStack(settings, request);
    return [...(topics.aws ? stackNameProblems(stack) : []), ...awsProblems(topics, now)];
  },
  plannedProblems: (settings: AwsStackSettings, servers, request) =>
    awsPlannedProblems(awsStack(settings, request), servers.sark),

  describe: (settings: AwsStackSettings) => {
    const { aws, application } = settings;
    const database = onRds(settings);
    const { storage, ...given } = completeSize(database.size);
    const { memory, vcpus } = primaryClass(database) ?? given;
    const { majorVersion = database.majorVersion, parameters } = database.rds.replica;
    return {
      // A volume of RDS is network storage, whatever its kind is called.
      size: { memory, vcpus, storage: { ...storage, kind: "san" } },
      reservedMemory: reservedMemory(memory),
      replicas: database.replicas,
      // The one in a second region follows the primary as well.
      sessions: { ...RDS_SESSIONS, moreReplicas: aws?.secondRegion?.replica ? 1 : 0 },
      given: [
        { majorVersion, parameters, replicas: 1, path: ["sark", "rds", "replica", "parameters"] },
      ],
      load: application.tier,
    };
  },

  // Of the machine that is too small, the class is what can be changed.
  machineProblem: (settings, problem, input) => {
    const machine = primaryClass(onRds(settings));
    return machine !== undefined && problem.key === "memory"
      ? classTooSmall(problem, input, machine, ["sark", "rds", "instanceClass"])
      : undefined;
  },

  relay: ({ aws }: AwsStackSettings) =>
    aws ? { setting: ["aws", "localPort"], port: aws.localPort, usual: 25433 } : undefined,

  // A server on RDS has no pod of its own to forward a port to.
  gateway: ({ sark, route }) => route === "port-forward" && sark.tunnel === undefined,

  outside: ({ aws }: AwsStackSettings) =>
    aws && {
      port: aws.port,
      authorities: () => rdsAuthorities(rdsRegions(aws)),
      gatewayImage: aws.gateway.image,
    },

  backups: ({ backups, aws }: AwsStackSettings, stack, { clients }) =>
    withManagedBucket(backups, clients?.accounts ?? [], aws, stack),

  runs: (settings: AwsStackSettings, _database, { size: { memory, vcpus } }) => {
    const { aws, backups, application } = settings;
    const database = onRds(settings);
    const { allocated, maximum, iops, throughput } = volume(database, application.tier);
    const spread = database.availability === "multi-zone" ? 2 : 1;
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
      standBys: spread - 1,
      replicas: database.replicas + (aws?.secondRegion?.replica ? 1 : 0),
      zones: spread,
      backupDays: backups.retentionDays,
    };
  },

  roles: (admin) => ({
    roles: {
      [admin]: MANAGED_ADMIN,
      // The one who made the administrator; what else it is, is Amazon's.
      [RDS_MASTER]: { attributes: { superuser: false } },
    },
    prefix: "rds",
    whole: true,
    ownsDatabase: true,
    connect: [],
    closed: { databases: UNUSED_DATABASES, owner: RDS_MASTER },
  }),
};

/** @throws Error where the database lives elsewhere */
function onRds({ sark }: Settings): RdsSpec {
  if (isOnRds(sark)) return sark;
  throw new Error("sark does not live on RDS");
}

function classes(database: RdsSpec): Pick<ServerRuns, "class" | "replicaClass"> {
  const primary = primaryClass(database)?.name;
  const replica = replicaClass(database)?.name;
  return {
    ...(primary === undefined ? {} : { class: primary }),
    ...(replica === undefined || replica === primary ? {} : { replicaClass: replica }),
  };
}
