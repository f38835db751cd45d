import { rdsRegions } from "../../aws/database/plan/rds-regions";
import { type MaintenanceJob, jobsOf } from "../../../maintenance/plan/maintenance-plan";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import { databaseSettings, settingsName } from "../../../settings/plan/database-settings";
import type { Settings } from "../../../settings/plan/settings-schema";
import type { HomeRequest } from "../../plan/home";

export { settingsName };

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

/** A database of another home, with the settings that only a cluster has. */
export interface ForeignDatabase
  extends
    Pick<Settings["sark"], "home" | "instances" | "image" | "size" | "synchronous" | "recovery">,
    Pick<NamedCluster, "database"> {
  /** Whether its pool and jobs run in the cluster. */
  readonly served: boolean;
}

/** The servers outside of the cluster that its pods connect to. */
export interface OutsideServers {
  readonly port: number;
  /** Regions of Amazon RDS whose authorities sign their certificates. */
  readonly regions: readonly string[];
}

/** Where dumps are copied to. */
export interface DumpStore {
  readonly bucket: Bucket;
  /** The stack's own image of what copies them. @default - a fixed version */
  readonly image: string | undefined;
}

/**
 * Everything that the stack has in the cluster. For what checks, bounds or walls in all of it; a part takes its topic.
 */
export interface ClusterStack {
  readonly platform: Platform;
  readonly clusters: readonly ClusteredDatabase[];
  readonly served: readonly ServedDatabase[];
  readonly foreign: readonly ForeignDatabase[];
  readonly backups: Backups;
  /** Unset where the pool runs elsewhere, or not at all. */
  readonly pool: Pool | undefined;
  /** Unset without dumps. */
  readonly dumps: DumpStore | undefined;
  /** The stack's image for what leads to servers outside. Unset where nothing has to. */
  readonly gateway: { readonly image: string | undefined } | undefined;
  readonly outside: OutsideServers | undefined;
  readonly route: Route;
  readonly monitoring: boolean;
  readonly protection: boolean;
}

/** @param request what the stack asks of this home */
export function clusterStack(settings: Settings, request: HomeRequest): ClusterStack {
  const { kubernetes, backups, pool, maintenance, aws, route, monitoring, protection } = settings;
  const { bucket } = backups;
  const dumped = maintenance.enabled && request.served.length > 0;
  const outside = request.served.some((database) => !request.databases.includes(database));
  return {
    platform: kubernetes,
    clusters: request.databases.map((database) => clusteredDatabase(settings, database)),
    served: request.served.map((database) => servedDatabase(settings, database)),
    foreign: request.foreign.map(({ database, served }) => ({
      ...databaseSettings(settings, database),
      database,
      served,
    })),
    backups,
    pool: request.pool ? pool : undefined,
    dumps: dumped && bucket ? { bucket, image: maintenance.image } : undefined,
    gateway: request.gateway ? { image: aws?.gateway.image } : undefined,
    outside: outside && aws ? { port: aws.port, regions: rdsRegions(aws) } : undefined,
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
