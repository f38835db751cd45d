import { primaryClass, reservedMemory } from "../aws/database/plan/instance-classes";
import { APPLICATION_TIERS } from "../../connections/plan/application-tiers";
import {
  type BudgetInput,
  type ClientPool,
  type PgBouncerPlan,
  RDS_SESSIONS,
} from "../../connections/plan/connection-sums";
import { maintenanceJobs } from "../../maintenance/plan/maintenance-plan";
import type { TuningInput } from "../../parameters/formulas/tune";
import { POOL_ROLES } from "../../roles/plan/logins";
import type { DatabaseName } from "../../roles/plan/role-plan";
import {
  clusteredPool,
  completeSize,
  databaseSettings,
  replicaCount,
} from "../../settings/plan/database-settings";
import type { ServerSize, Settings } from "../../settings/plan/settings-schema";

/** Memory in bytes and processors that a server on this machine may use. */
export type MachineShare = Pick<ServerSize, "memory" | "vcpus">;

/** What the settings say of one server, completed from its home. Its plan follows from this alone. */
export interface DescribedServer {
  readonly database: DatabaseName;
  readonly home: Settings["sark"]["home"];
  /** The stack's own parameters. Unset where none are taken: the embedded TimescaleDB's, and somebody else's server. */
  readonly parameters: Settings["sark"]["parameters"] | undefined;
  readonly size: ServerSize;
  readonly tuning: TuningInput;
  /** All that connects to it but the pool. */
  readonly sessions: BudgetInput;
  /** Unset where the stack has no pool. */
  readonly pool: DescribedPool | undefined;
}

/** The pool before a server. */
interface DescribedPool extends Omit<PgBouncerPlan, "entries" | "elsewhere"> {
  /** Logins that come through it. */
  readonly logins: number;
  /** Whether an entry leads to a replica. */
  readonly replica: boolean;
  /** Server connections of the entry in session mode; 0 for none. */
  readonly sessionPoolSize: number;
  /** Server connections of an entry, per instance. Unset: what the server has left. */
  readonly maxServerConnections: number | undefined;
}

/** @param share this machine's, for a local home whose size is left out */
export function describeServer(
  settings: Settings,
  database: DatabaseName,
  share: MachineShare,
): DescribedServer {
  const { home, majorVersion, parameters, ...given } = databaseSettings(settings, database);
  const maxConnections =
    given.connections ?? APPLICATION_TIERS[settings.application.tier].maxConnections;
  const size = sizeOf(settings, given.size, home, share);
  const { storage, ...machine } = size;
  const jobs = maintenanceJobs(settings, database).length;
  const replicas = replicaCount(settings, database);
  const onRds = home === "aws";
  return {
    database,
    home,
    parameters: database === "sark" || home !== "local" ? parameters : undefined,
    size,
    tuning: {
      ...machine,
      storage: storage.kind,
      storageSize: storage.size,
      ...(storage.wal === undefined ? {} : { walStorageSize: storage.wal }),
      workload: database === "sark" ? "oltp" : "time-series",
      maxConnections,
      majorVersion,
      ...(onRds ? { reservedMemory: reservedMemory(machine.memory) } : {}),
    },
    sessions: {
      server: database,
      maxConnections,
      clients: [applicationPool(settings)],
      // The one in a second region follows the primary as well.
      replicas: replicas + (onRds && settings.aws?.secondRegion?.replica ? 1 : 0),
      extra:
        jobs > 0 ? [{ name: "maintenance", count: jobs, formula: `${jobs} jobs x 1 session` }] : [],
      ...(onRds ? RDS_SESSIONS : {}),
    },
    pool: settings.pool.enabled ? describePool(settings, database, replicas > 0) : undefined,
  };
}

function sizeOf(
  settings: Settings,
  size: Settings["sark"]["size"],
  home: Settings["sark"]["home"],
  share: MachineShare,
): ServerSize {
  const complete = completeSize(size);
  if (home === "aws") {
    const { memory, vcpus } = primaryClass(settings) ?? complete;
    // A volume of RDS is network storage, whatever its kind is called.
    return { memory, vcpus, storage: { ...complete.storage, kind: "san" } };
  }
  return size === undefined && home === "local" ? { ...complete, ...share } : complete;
}

/**
 * Instances beyond the settings' number that hold connections during an update. On this machine one is stopped before
 * its successor starts. Kubernetes begins with the successor as soon as it has asked the old one to end, which then
 * still has the transactions that it was given.
 */
export function poolSurge(settings: Settings): number {
  return clusteredPool(settings) ? 1 : 0;
}

function describePool(settings: Settings, database: DatabaseName, replica: boolean): DescribedPool {
  const { pool } = settings;
  return {
    instances: pool.instances,
    maxSurge: poolSurge(settings),
    defaultPoolSize: pool.defaultPoolSize,
    reservePoolSize: pool.reservePoolSize,
    maxDbConnections: 0,
    maxClientConn: pool.maxClientConnections,
    openFiles: pool.openFiles,
    logins: POOL_ROLES,
    replica,
    sessionPoolSize: database === "sark" ? pool.sessionPoolSize : 0,
    maxServerConnections: pool.maxServerConnections,
  };
}

/** The pool that each pod keeps: small in front of PgBouncer, the tier's without it (both the guide's figures). */
function applicationPool({ application, pool }: Settings): ClientPool {
  const usual = pool.enabled
    ? { poolSize: 5, maxOverflow: 2 }
    : APPLICATION_TIERS[application.tier];
  return {
    name: "application",
    pods: application.pods,
    autoscalerMaximum: application.maxPods ?? application.pods,
    maxSurge: application.maxSurge,
    poolSize: application.poolSize ?? usual.poolSize,
    maxOverflow: application.maxOverflow ?? usual.maxOverflow,
    via: pool.enabled ? "pgbouncer" : "direct",
  };
}
