import { classTooSmall } from "../aws/database/plan/class-problems";
import { primaryClass, reservedMemory } from "../aws/database/plan/instance-classes";
import { followerCount, providerSessions } from "../aws/database/plan/rds-sessions";
import {
  type BudgetInput,
  type ClientPool,
  type ConnectionBudget,
  type PgBouncerPlan,
  APPLICATION_TIERS,
  budgetProblems,
  connectionBudget,
  peakClients,
  serverConnectionsPerInstance,
} from "../../connections/plan/connection-budget";
import { maintenanceSessions } from "../../maintenance/plan/maintenance-plan";
import {
  overrideProblems,
  replicaOverrideProblems,
  withOverrides,
} from "../../parameters/parameter-overrides";
import { type PoolEntryPlan, poolEntries, poolSurge } from "../../pool/plan/pool-plan";
import { type Problem, formatProblems } from "../../text/problem";
import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import {
  type ServerSize,
  type Settings,
  completeSize,
  databaseSettings,
} from "../../settings/plan/settings-schema";
import {
  type ParameterSet,
  type TuningInput,
  preloadLibraries,
  tune,
  tuningProblems,
} from "../../parameters/formulas/tune";

/** Memory in bytes and processors that a server on this machine may use. */
export type MachineShare = Pick<ServerSize, "memory" | "vcpus">;

/** All that is computed for one server before any resource exists. */
export interface ServerPlan {
  readonly database: DatabaseName;
  readonly maxConnections: number;
  readonly parameters: ParameterSet;
  readonly preload: readonly string[];
  /** The machine that the parameters were computed for; sizes in bytes. */
  readonly size: ServerSize;
  readonly budget: ConnectionBudget;
  /** The pool's entries that lead to this server. */
  readonly entries: readonly PoolEntryPlan[];
}

/**
 * Plans both servers. Call {@link planProblems} before.
 * @param share this machine's, for a local home whose size is left out
 * @throws Error when a size or a parameter cannot work
 */
export function planServers(
  settings: Settings,
  share: MachineShare,
): Readonly<Record<DatabaseName, ServerPlan>> {
  const plan = (database: DatabaseName) => planServer(settings, database, share);
  return { sark: plan("sark"), sark_audit: plan("sark_audit") };
}

/** Everything that keeps the servers from being planned, a paragraph each: sizes, parameters, connections. */
export function planProblems(settings: Settings, share: MachineShare): readonly string[] {
  const built = DATABASES.filter((database) => isBuilt(settings, database));
  const problems = built.flatMap((database) => [
    ...machineProblems(settings, database, share),
    ...budgetProblems(budgetInputOf(settings, database)),
  ]);
  const overrides = built.flatMap((database) => [
    ...overrideProblems(settings, database),
    ...(database === "sark" ? replicaOverrideProblems(settings) : []),
  ]);
  return [...problems, ...overrides].map((problem) => formatProblems([problem]));
}

/** What the machine of a server is too small for; on RDS its class is what can be changed. */
function machineProblems(
  settings: Settings,
  database: DatabaseName,
  share: MachineShare,
): readonly Problem[] {
  const input = tuningInput(settings, database, share);
  const { home } = databaseSettings(settings, database);
  const machine = home === "aws" ? primaryClass(settings) : undefined;
  return tuningProblems(input).map((problem) =>
    machine !== undefined && problem.key === "memory"
      ? classTooSmall(problem, input, machine, ["sark", "rds", "instanceClass"])
      : { ...problem, key: `${database}: ${problem.key}` },
  );
}

/** The plan of one server; {@link planServers} makes both. */
export function planServer(
  settings: Settings,
  database: DatabaseName,
  share: MachineShare,
): ServerPlan {
  const maxConnections = connectionsOf(settings, database);
  const budgetInput = budgetInputOf(settings, database);
  const input = tuningInput(settings, database, share);
  const described = databaseSettings(settings, database);
  return {
    database,
    maxConnections,
    parameters: isBuilt(settings, database)
      ? withOverrides(tune(input), described, described.parameters)
      : [],
    preload: preloadLibraries(input.workload),
    size: sizeOf(settings, database, share),
    budget: connectionBudget(budgetInput),
    entries: settings.pool.enabled ? poolEntries(settings, database, maxConnections) : [],
  };
}

/** Whether the stack configures the server: neither the embedded TimescaleDB nor somebody else's takes parameters. */
function isBuilt(settings: Settings, database: DatabaseName): boolean {
  return database === "sark" || settings.audit.home !== "local";
}

/** What the parameters of a server are computed from. */
export function tuningInput(
  settings: Settings,
  database: DatabaseName,
  share: MachineShare,
): TuningInput {
  const { memory, vcpus, storage } = sizeOf(settings, database, share);
  const { home } = databaseSettings(settings, database);
  return {
    memory,
    vcpus,
    storage: storage.kind,
    storageSize: storage.size,
    ...(storage.wal === undefined ? {} : { walStorageSize: storage.wal }),
    workload: database === "sark" ? "oltp" : "time-series",
    maxConnections: connectionsOf(settings, database),
    majorVersion: databaseSettings(settings, database).majorVersion,
    ...(home === "aws" ? { reservedMemory: reservedMemory(memory) } : {}),
  };
}

function sizeOf(settings: Settings, database: DatabaseName, share: MachineShare): ServerSize {
  const { size, home } = databaseSettings(settings, database);
  const complete = completeSize(size);
  if (home === "aws") {
    const { memory, vcpus } = primaryClass(settings) ?? complete;
    // A volume of RDS is network storage, whatever its kind is called.
    return { memory, vcpus, storage: { ...complete.storage, kind: "san" } };
  }
  return size === undefined && home === "local" ? { ...complete, ...share } : complete;
}

function connectionsOf(settings: Settings, database: DatabaseName): number {
  const tier = APPLICATION_TIERS[settings.application.tier];
  return databaseSettings(settings, database).connections ?? tier.maxConnections;
}

/** Everything that connects to one server, with what the pool holds for the other one beside it. */
function budgetInputOf(settings: Settings, database: DatabaseName): BudgetInput {
  const { pool } = settings;
  const base = {
    server: database,
    maxConnections: connectionsOf(settings, database),
    clients: [applicationPool(settings)],
    replicas: followerCount(settings, database),
    extra: maintenanceSessions(settings, database),
    ...providerSessions(settings, database),
  };
  if (!pool.enabled) return base;

  const entriesOf = (name: DatabaseName) =>
    poolEntries(settings, name, connectionsOf(settings, name));
  const before = (entries: readonly PoolEntryPlan[]): PgBouncerPlan => ({
    instances: pool.instances,
    maxSurge: poolSurge(settings),
    entries,
    defaultPoolSize: pool.defaultPoolSize,
    reservePoolSize: pool.reservePoolSize,
    maxDbConnections: 0,
    maxClientConn: pool.maxClientConnections,
    openFiles: pool.openFiles,
  });
  // The same instances also hold connections to the replica, and those of the other database.
  const others = DATABASES.filter((name) => name !== database);
  const own = entriesOf(database);
  const elsewhere = [...own.filter((entry) => entry.replica), ...others.flatMap(entriesOf)];
  return {
    ...base,
    pgbouncer: {
      ...before(own.filter((entry) => !entry.replica)),
      elsewhere: {
        serverConnections: serverConnectionsPerInstance(before(elsewhere)),
        clients: others.length * peakClients(applicationPool(settings)),
      },
    },
  };
}

/** The pool that each pod keeps: small in front of PgBouncer, the tier's without it (both the guide's figures). */
function applicationPool({ application, pool }: Settings): ClientPool {
  const tier = APPLICATION_TIERS[application.tier];
  const usual = pool.enabled ? { poolSize: 5, maxOverflow: 2 } : tier;
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
