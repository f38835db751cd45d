import { RDS_SESSIONS } from "../../../connections/plan/connection-sums";
import { MANAGED_ADMIN } from "../../../roles/plan/home-roles";
import { UNUSED_DATABASES } from "../../../roles/plan/public-rights-plan";
import { completeSize } from "../../../settings/plan/database-settings";
import type { Home } from "../../plan/home";
import type { RunsStorage, ServerRuns } from "../../plan/server-runs";
import type { Settings } from "../../../settings/plan/settings-schema";
import { classTooSmall } from "../database/plan/class-problems";
import { primaryClass, replicaClass, reservedMemory } from "../database/plan/instance-classes";
import { rdsEffects } from "../database/plan/rds-effects";
import { GP3, volume } from "../database/plan/rds-storage";
import { stackNameProblems } from "./aws-names";
import { awsPlannedProblems, awsProblems } from "./aws-problems";

const GiB = 2 ** 30;

/** RDS makes it with the server: `components/homes/aws/database/master-login.ts`. */
const RDS_MASTER = "sark_master";

/** Servers that Amazon RDS runs; what PgBouncer and the jobs need runs on Kubernetes. */
export const awsHome: Home = {
  workloads: "kubernetes",
  // RDS has no TimescaleDB.
  databases: ["sark"],
  pool: { single: false, surge: 1 },
  // RDS user guide, "WAL segment size".
  kind: { build: "rds", walSegment: 64 },
  // No server is deleted without a last snapshot.
  deleted: "saved",
  effects: rdsEffects,
  problems: (settings, stack, now) => [
    ...stackNameProblems(settings, stack),
    ...awsProblems(settings, now),
  ],
  plannedProblems: awsPlannedProblems,

  describe: (settings) => {
    const { sark, aws, application } = settings;
    const { storage, ...given } = completeSize(sark.size);
    const { memory, vcpus } = primaryClass(settings) ?? given;
    const { majorVersion = sark.majorVersion, parameters } = sark.rds.replica;
    return {
      // A volume of RDS is network storage, whatever its kind is called.
      size: { memory, vcpus, storage: { ...storage, kind: "san" } },
      reservedMemory: reservedMemory(memory),
      replicas: sark.replicas,
      // The one in a second region follows the primary as well.
      sessions: { ...RDS_SESSIONS, moreReplicas: aws?.secondRegion?.replica ? 1 : 0 },
      tuned: true,
      given: [
        { majorVersion, parameters, replicas: 1, path: ["sark", "rds", "replica", "parameters"] },
      ],
      load: application.tier,
    };
  },

  // Of the machine that is too small, the class is what can be changed.
  machineProblem: (settings, problem, input) => {
    const machine = primaryClass(settings);
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
    const { sark, aws, backups } = settings;
    const spread = sark.availability === "multi-zone" ? 2 : 1;
    return {
      ...classes(settings),
      vcpus,
      memory,
      storage: gp3(settings),
      standBys: spread - 1,
      replicas: sark.replicas + (aws?.secondRegion?.replica ? 1 : 0),
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

function gp3(settings: Settings): RunsStorage {
  const {
    allocated,
    maximum,
    iops = GP3.below.iops,
    throughput = GP3.below.throughput,
  } = volume(settings);
  return {
    size: allocated * GiB,
    kind: "gp3",
    ...(maximum === undefined ? {} : { maximum: maximum * GiB }),
    iops,
    throughput,
  };
}

function classes(settings: Settings): Pick<ServerRuns, "class" | "replicaClass"> {
  const primary = primaryClass(settings)?.name;
  const replica = replicaClass(settings)?.name;
  return {
    ...(primary === undefined ? {} : { class: primary }),
    ...(replica === undefined || replica === primary ? {} : { replicaClass: replica }),
  };
}
