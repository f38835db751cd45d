import { primaryClass, replicaClass } from "../aws/database/plan/instance-classes";
import { GP3, volume } from "../aws/database/plan/rds-storage";
import {
  clusteredPool,
  databaseSettings,
  replicaCount,
} from "../../settings/plan/database-settings";
import { walVolumeSize } from "../kubernetes/plan/wal-volume";
import type { DatabaseName } from "../../roles/plan/role-plan";
import type { ServerPlan } from "./server-plan";
import type { Settings } from "../../settings/plan/settings-schema";

const GiB = 2 ** 30;

type Home = Settings["sark"]["home"];

/** The volume of each of a database's servers; sizes in bytes. */
export interface RunsStorage {
  readonly size: number;
  /** `ssd`, `hdd`, `san`, or what the home calls it: a storage class, `gp3`. */
  readonly kind: string;
  /** Of the volume of the log, where it has one of its own. */
  readonly wal?: number;
  /** Up to which the home enlarges the volume by itself. */
  readonly maximum?: number;
  /** Operations a second. */
  readonly iops?: number;
  /** MiB a second. */
  readonly throughput?: number;
}

/**
 * What a database runs on, as far as its stack decides that. All of it follows from the settings, so it is known before
 * anything exists.
 */
export interface ServerRuns {
  /** The home's name for the machine, such as `db.m8g.large`; unset where the home has none. */
  readonly class?: string;
  /** The replicas' own, where it differs. */
  readonly replicaClass?: string;
  readonly vcpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly storage?: RunsStorage;
  /** Servers that only wait to take over. On Kubernetes a replica does both. */
  readonly standBys: number;
  /** Servers that follow and can be read from. */
  readonly replicas: number;
  /** The fewest zones that the primary and what takes over from it are in; unset on a single machine. */
  readonly zones?: number;
  /** Days for which a point in time can be restored; 0 without backups. */
  readonly backupDays: number;
}

/** How many PgBouncer processes run where. */
export interface PoolRuns {
  readonly home: Home;
  readonly instances: number;
}

/** @param plan what was computed for the database */
export function serverRuns(
  settings: Settings,
  database: DatabaseName,
  plan: ServerPlan,
): ServerRuns {
  const { home, availability } = databaseSettings(settings, database);
  const replicas = replicaCount(settings, database);
  const spread = availability === "multi-zone" ? 2 : 1;
  const { memory, vcpus, storage } = plan.size;
  const { retentionDays, bucket } = settings.backups;
  switch (home) {
    case "local":
      // The embedded TimescaleDB and somebody else's server have the size that they have.
      return database === "sark"
        ? { vcpus, memory, standBys: 0, replicas, backupDays: 0 }
        : { standBys: 0, replicas: 0, backupDays: 0 };
    case "kubernetes":
      return {
        vcpus,
        memory,
        storage: {
          size: storage.size,
          kind: storage.class ?? storage.kind,
          wal: walVolumeSize(plan),
        },
        standBys: 0,
        replicas,
        zones: spread,
        backupDays: bucket ? retentionDays : 0,
      };
    case "aws":
      return {
        ...classes(settings),
        vcpus,
        memory,
        storage: gp3(settings),
        standBys: spread - 1,
        replicas: replicas + (settings.aws?.secondRegion?.replica ? 1 : 0),
        zones: spread,
        backupDays: retentionDays,
      };
  }
}

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

/** Of a pool that is not turned off. */
export function poolRuns(settings: Settings): PoolRuns {
  const { instances } = settings.pool;
  return clusteredPool(settings)
    ? { home: "kubernetes", instances }
    : { home: "local", instances: 1 };
}

function classes(settings: Settings): Pick<ServerRuns, "class" | "replicaClass"> {
  const primary = primaryClass(settings)?.name;
  const replica = replicaClass(settings)?.name;
  return {
    ...(primary === undefined ? {} : { class: primary }),
    ...(replica === undefined || replica === primary ? {} : { replicaClass: replica }),
  };
}
