import { rdsRegions } from "../../aws/database/plan/rds-regions";
import { type MaintenanceJob, jobsOf } from "../../../maintenance/plan/maintenance-plan";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { databaseSettings } from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-schema";
import type { HomeRequest } from "../../plan/home";

/** Namespace, operators, versions and openings of the cluster that everything runs in. */
export type Platform = Settings["kubernetes"];
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
    Partial<Pick<Settings["audit"], "timescaledb">> {
  readonly jobs: readonly MaintenanceJob[];
}

/** A database whose servers run in the cluster. */
export interface ClusteredDatabase
  extends
    ServedDatabase,
    Pick<Settings["sark"], "availability" | "size" | "parameters" | "synchronous" | "tunnel"> {
  /** Servers: the primary and its stand-bys, which are also the replicas. */
  readonly instances: number;
}

/** A database of another home. */
export type ForeignDatabase = ClusterStack["foreign"][number];
export type DumpStore = NonNullable<ClusterStack["dumps"]>;

/** For what checks, bounds or walls in all that the stack has in the cluster; a part takes its topic. */
export type ClusterStack = ReturnType<typeof clusterStack>;

/**
 * Everything that the stack has in the cluster.
 * @param request what the stack asks of this home
 */
export function clusterStack(settings: Settings, request: HomeRequest) {
  const { kubernetes, backups, pool, maintenance, aws, route, monitoring, protection } = settings;
  const { databases, served } = request;
  const { bucket } = backups;
  const leadsOutside = served.some((database) => !databases.includes(database));
  return {
    platform: kubernetes,
    clusters: databases.map((database) => clusteredDatabase(settings, database)),
    served: served.map((database) => servedDatabase(settings, database)),
    foreign: request.foreign.map((each) => ({
      ...databaseSettings(settings, each.database),
      ...each,
    })),
    backups,
    /** Unset where the pool runs elsewhere, or not at all. */
    pool: request.pool ? pool : undefined,
    /** Where dumps are copied to, by which image: the stack's own or, left out, a fixed version. Unset without dumps. */
    dumps:
      bucket && maintenance.enabled && served.length > 0
        ? { bucket, image: maintenance.image }
        : undefined,
    /** What leads to servers outside of the cluster, where the program does not reach them by itself. */
    gateway: request.gateway ? { image: aws?.gateway.image } : undefined,
    /** Servers outside of the cluster: their port, and the regions of Amazon RDS whose authorities they have. */
    outside: leadsOutside && aws ? { port: aws.port, regions: rdsRegions(aws) } : undefined,
    route,
    monitoring: monitoring.enabled,
    protection,
  };
}

export function clusteredDatabase(settings: Settings, database: DatabaseName): ClusteredDatabase {
  const described = databaseSettings(settings, database);
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
