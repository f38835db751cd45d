import { APPLICATION_TIERS } from "../../connections/plan/application-tiers";
import type { ClientPool } from "../../connections/plan/connection-sums";
import { jobSessions, maintenanceJobs } from "../../maintenance/plan/maintenance-plan";
import { POOL_ROLE_COUNT } from "../../roles/plan/logins";
import type { DatabaseName } from "../../roles/plan/role-plan";
import { databaseSettings, settingsGroup } from "../../settings/plan/database-settings";
import type { Settings } from "../../settings/plan/settings-stack";
import type { DescribedPool, DescribedServer } from "./described-server";
import type { MachineShare } from "./home";
import { requireHome, homeOf, poolSpec } from "./registry";

/**
 * Describes a database's server from the settings and its home.
 * @param share of this machine, for a local server without a size
 */
export function describeServer(
  settings: Settings,
  database: DatabaseName,
  share: MachineShare,
): DescribedServer {
  const described = databaseSettings(settings, database);
  const { majorVersion, parameters, connections } = described;
  const home = homeOf(settings, database);
  const server = home.describe(settings, database, share);
  const { size, replicas, load, reservedMemory, sessions } = server;
  const { moreReplicas = 0, ...kept } = sessions ?? {};
  const maxConnections = connections ?? APPLICATION_TIERS[settings.application.tier].maxConnections;
  const { memory, vcpus, storage } = size;
  const { maintenance, backups } = settings;
  const hasJobs = maintenance.enabled && requireHome(home.workloads).jobs;
  const dumps = backups.bucket !== undefined;
  const jobStorage = { dumps, archive: dumps && home.archives === true };
  const jobs = hasJobs ? maintenanceJobs(database, jobStorage) : [];
  const jobCount = jobSessions(jobs);
  return {
    database,
    kind: home.kind,
    parameters,
    given: [
      {
        majorVersion,
        parameters: parameters ?? {},
        replicas,
        path: [settingsGroup(database), "parameters"],
      },
      ...(server.given ?? []),
    ],
    size,
    tuning: {
      memory,
      vcpus,
      storage: storage.kind,
      storageSize: storage.size,
      ...(storage.wal === undefined ? {} : { walStorageSize: storage.wal }),
      workload: database === "sark" ? "oltp" : "time-series",
      maxConnections,
      majorVersion,
      ...(reservedMemory === undefined ? {} : { reservedMemory }),
    },
    load,
    sessions: {
      server: database,
      maxConnections,
      clients: [applicationPool(settings)],
      replicas: replicas + moreReplicas,
      extra:
        jobs.length > 0
          ? [{ name: "maintenance", count: jobCount, formula: `sessions of ${jobs.length} jobs` }]
          : [],
      ...kept,
    },
    pool: settings.pool.enabled ? describePool(settings, database, replicas > 0) : undefined,
  };
}

function describePool(settings: Settings, database: DatabaseName, replica: boolean): DescribedPool {
  const { pool } = settings;
  return {
    instances: pool.instances,
    maxSurge: requireHome(poolSpec(settings).home).pool.surge,
    defaultPoolSize: pool.defaultPoolSize,
    reservePoolSize: pool.reservePoolSize,
    maxDbConnections: 0,
    maxClientConn: pool.maxClientConnections,
    openFiles: pool.openFiles,
    logins: POOL_ROLE_COUNT,
    replica,
    sessionPoolSize: database === "sark" ? pool.sessionPoolSize : 0,
    maxServerConnections: pool.maxServerConnections,
  };
}

/**
 * Connection pool of each application pod: small with PgBouncer, the tier's without it (figures of the optimization
 * guide).
 */
function applicationPool({ application, pool }: Settings): ClientPool {
  const defaults = pool.enabled
    ? { poolSize: 5, maxOverflow: 2 }
    : APPLICATION_TIERS[application.tier];
  return {
    name: "application",
    pods: application.pods,
    autoscalerMaximum: application.maxPods ?? application.pods,
    maxSurge: application.maxSurge,
    poolSize: application.poolSize ?? defaults.poolSize,
    maxOverflow: application.maxOverflow ?? defaults.maxOverflow,
    via: pool.enabled ? "pgbouncer" : "direct",
  };
}
