import { type MaintenanceJob, jobsOf } from "../../../maintenance/plan/maintenance-plan";
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

/** Namespace, operators, versions and openings of the cluster that everything runs in. */
export type Platform = KubernetesStack["kubernetes"];
export type Backups = Settings["backups"];
export type Bucket = NonNullable<Backups["bucket"]>;
export type Pool = Settings["pool"];
export type Route = Settings["route"];

/** What decides on the names of a database's clusters. */
export interface NamedCluster extends Pick<Settings["sark"], "recovery"> {
  readonly database: DatabaseName;
}

/** A database that the pool and the jobs of the cluster serve, wherever its servers are. */
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
  /** Servers: the primary and its stand-bys, which are also the replicas. */
  readonly instances: number;
}

export type DumpStore = NonNullable<ClusterStack["dumps"]>;

/** For what checks, bounds or walls in all that the stack has in the cluster; a part takes its topic. */
export type ClusterStack = ReturnType<typeof clusterStack>;

/**
 * Everything that the stack has in the cluster.
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
    /** Unset where the pool runs elsewhere, or not at all. */
    pool: request.pool ? pool : undefined,
    /** Where dumps are copied to, by which image: the stack's own or, left out, a fixed version. Unset without dumps. */
    dumps:
      bucket && maintenance.enabled && served.length > 0
        ? { bucket, image: maintenance.image }
        : undefined,
    /** Whether pods lead to servers outside of the cluster, where the program does not reach them by itself. */
    gateway,
    /** Servers outside of the cluster. */
    outside,
    route,
    monitoring: monitoring.enabled,
    protection,
  };
}

/** @throws Error for a database that lives elsewhere */
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
  const jobs = maintenance.enabled ? jobsOf(database, backups.bucket !== undefined) : [];
  return { ...databaseSettings(settings, database), database, jobs };
}
