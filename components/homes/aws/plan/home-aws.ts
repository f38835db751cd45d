import { settingKey } from "../../../settings/plan/settings-problems";
import type { Problem } from "../../../text/problem";
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
import { type RdsSpec, awsStack } from "./rds-stack";

const GiB = 2 ** 30;

/** RDS makes it with the server: `components/homes/aws/database/master-login.ts`. */
const RDS_MASTER = "sark_master";

const NO_TIMESCALE: Problem = {
  key: settingKey(["audit", "home"]),
  value: "aws",
  allowed: "local or kubernetes; sark alone may live on aws",
  why: "Amazon RDS does not offer the timescaledb extension, which keeps and compresses the events of sark_audit",
};

/** Servers that Amazon RDS runs; what PgBouncer and the jobs need runs on Kubernetes. */
export const awsHome: Home = {
  // A bucket for the backups of databases on Kubernetes may be all.
  isUsed: ({ aws }) => aws !== undefined,
  workloads: "kubernetes",
  // RDS has no TimescaleDB.
  databases: ["sark"],
  pool: { single: false, surge: 1 },
  // RDS user guide, "WAL segment size".
  kind: { build: "rds", walSegment: 64 },
  onThisMachine: false,
  // No server is deleted without a last snapshot.
  deleted: "saved",
  effects: rdsEffects,
  problems: (settings, stack, now) => {
    const topics = awsStack(settings);
    return [
      ...(settings.audit.home === "aws" ? [NO_TIMESCALE] : []),
      ...(topics.aws ? stackNameProblems(stack) : []),
      ...awsProblems(topics, now),
    ];
  },
  plannedProblems: (settings, servers) => awsPlannedProblems(awsStack(settings), servers.sark),

  describe: (settings, name) => {
    const { database, aws, tier } = awsStack(settings);
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
      tuned: true,
      // Nobody has sark_audit here: that alone is the problem to tell.
      given:
        name === "sark"
          ? [
              {
                majorVersion,
                parameters,
                replicas: 1,
                path: ["sark", "rds", "replica", "parameters"],
              },
            ]
          : [],
      load: tier,
    };
  },

  // Of the machine that is too small, the class is what can be changed.
  machineProblem: ({ sark }, problem, input) => {
    const machine = primaryClass(sark);
    return machine !== undefined && problem.key === "memory"
      ? classTooSmall(problem, input, machine, ["sark", "rds", "instanceClass"])
      : undefined;
  },

  relay: ({ aws }, database) =>
    database === "sark" && aws
      ? { setting: ["aws", "localPort"], port: aws.localPort, usual: 25433 }
      : undefined,

  // A server on RDS has no pod of its own to forward a port to.
  gateway: ({ sark, route }) => route === "port-forward" && sark.tunnel === undefined,

  runs: (settings, _database, { size: { memory, vcpus } }) => {
    const { database, aws, backups, tier } = awsStack(settings);
    const { allocated, maximum, iops, throughput } = volume(database, tier);
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

function classes(database: RdsSpec): Pick<ServerRuns, "class" | "replicaClass"> {
  const primary = primaryClass(database)?.name;
  const replica = replicaClass(database)?.name;
  return {
    ...(primary === undefined ? {} : { class: primary }),
    ...(replica === undefined || replica === primary ? {} : { replicaClass: replica }),
  };
}
