import { type MaintenanceJob, maintenanceJobs } from "../../../maintenance/plan/maintenance-plan";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { databaseSettings } from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-stack";
import type { HomeRequest } from "../../plan/home";
import {
  type KubernetesAudit,
  type KubernetesSark,
  type KubernetesStack,
  isClustered,
} from "./settings-kubernetes";

/** Settings of the Kubernetes cluster: namespace, operators, versions and network egress. */
export type KubernetesSettings = KubernetesStack["kubernetes"];
export type Backups = Settings["backups"];
export type Bucket = NonNullable<Backups["bucket"]>;
export type Pool = Settings["pool"];
export type Route = Settings["route"];

/** The settings that determine the names of a database's clusters. */
export interface NamedCluster extends Pick<Settings["sark"], "recovery"> {
  readonly database: DatabaseName;
}

/** A database served by the pool and the jobs in the cluster, wherever its servers run. */
export interface ServedDatabase
  extends
    NamedCluster,
    Pick<Settings["sark"], "majorVersion" | "image">,
    Partial<Pick<KubernetesAudit, "timescaledb">> {
  readonly jobs: readonly MaintenanceJob[];
}

/** A database whose servers run in the cluster. */
export interface ClusteredDatabase
  extends
    ServedDatabase,
    Pick<KubernetesSark, "availability" | "size" | "parameters" | "synchronous" | "tunnel"> {
  /** Number of servers: the primary and its stand-bys, which are also the read replicas. */
  readonly instances: number;
}

export type JobStore = NonNullable<ClusterStack["store"]>;

/**
 * The whole stack in the Kubernetes cluster, for checks, quotas and network policies. Other parts take only the slice
 * they need.
 */
export type ClusterStack = ReturnType<typeof clusterStack>;

/**
 * Collects everything that the stack runs in the Kubernetes cluster.
 * @param request what the stack asks of this home
 */
export function clusterStack(settings: KubernetesStack, request: HomeRequest) {
  const { kubernetes, backups, pool, maintenance, route, monitoring, protection } = settings;
  const { databases, served, gateway, outside } = request;
  const { bucket } = backups;
  return {
    platform: kubernetes,
    clusters: databases.map((database) => clusteredDatabase(settings, database)),
    served: served.map((database) => servedDatabase(settings, database)),
    backups,
    /** Unset when the pool runs elsewhere or is off. */
    pool: request.pool ? pool : undefined,
    /** Bucket of dumps and restore drills, and the image that accesses it (unset: a fixed version). */
    store:
      bucket && maintenance.enabled && served.length > 0
        ? { bucket, image: maintenance.image }
        : undefined,
    /** Whether gateway pods forward to servers outside of the cluster that the program cannot reach directly. */
    gateway,
    /** Servers outside of the cluster. */
    outside,
    /** Databases outside of the cluster whose metrics an exporter in it reads. */
    exported:
      monitoring.enabled && outside?.exporter
        ? served.filter((each) => !databases.includes(each))
        : [],
    route,
    monitoring: monitoring.enabled,
    protection,
  };
}

/** @throws Error for a database that runs elsewhere */
export function clusteredDatabase(settings: Settings, database: DatabaseName): ClusteredDatabase {
  const described = databaseSettings(settings, database);
  if (!isClustered(described)) throw new Error(`${database} does not run on Kubernetes`);
  const { availability, replicas } = described;
  const standbys = availability === "multi-zone" ? Math.max(2, replicas) : replicas;
  const { instances = standbys + 1 } = described;
  return { ...described, ...servedDatabase(settings, database), instances };
}

function servedDatabase(settings: Settings, database: DatabaseName): ServedDatabase {
  const { maintenance, backups } = settings;
  const described = databaseSettings(settings, database);
  const dumps = backups.bucket !== undefined;
  const archive = dumps && isClustered(described);
  const jobs = maintenance.enabled ? maintenanceJobs(database, { dumps, archive }) : [];
  return { ...described, database, jobs };
}
