import { primaryClass } from "./aws/instance-classes";
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
} from "./connection-budget";
import { maintenanceSessions } from "./maintenance-plan";
import { type ParameterValue, parameterFacts, parseSetting, renderValue } from "./parameters";
import type { Build } from "./parameters/builds";
import { type PoolEntryPlan, poolEntries, poolSurge } from "./pool-plan";
import { formatProblems } from "./problem";
import type { DatabaseName } from "./role-plan";
import {
  type ServerSize,
  type Settings,
  completeSize,
  databaseSettings,
  replicaCount,
} from "./settings-schema";
import {
  type ParameterSet,
  type TunedParameter,
  type TuningInput,
  preloadLibraries,
  tune,
  tuningProblems,
} from "./tuning";

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

const DATABASES = ["sark", "sark_audit"] as const;

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
    ...tuningProblems(tuningInput(settings, database, share)).map((problem) => ({
      ...problem,
      key: `${database}: ${problem.key}`,
    })),
    ...budgetProblems(budgetInputOf(settings, database)),
  ]);
  return [
    ...problems.map((problem) => formatProblems([problem])),
    ...built.flatMap((database) => overrideProblems(databaseSettings(settings, database))),
  ];
}

function planServer(settings: Settings, database: DatabaseName, share: MachineShare): ServerPlan {
  const maxConnections = connectionsOf(settings, database);
  const budgetInput = budgetInputOf(settings, database);
  const input = tuningInput(settings, database, share);
  return {
    database,
    maxConnections,
    parameters: isBuilt(settings, database)
      ? withOverrides(tune(input), databaseSettings(settings, database))
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

function tuningInput(settings: Settings, database: DatabaseName, share: MachineShare): TuningInput {
  const { memory, vcpus, storage } = sizeOf(settings, database, share);
  return {
    memory,
    vcpus,
    storage: storage.kind,
    storageSize: storage.size,
    ...(storage.wal === undefined ? {} : { walStorageSize: storage.wal }),
    workload: database === "sark" ? "oltp" : "time-series",
    maxConnections: connectionsOf(settings, database),
    majorVersion: databaseSettings(settings, database).majorVersion,
  };
}

function sizeOf(settings: Settings, database: DatabaseName, share: MachineShare): ServerSize {
  const { size, home } = databaseSettings(settings, database);
  const machine = home === "aws" ? primaryClass(settings) : undefined;
  const complete = completeSize(size);
  if (machine) return { ...complete, memory: machine.memory, vcpus: machine.vcpus };
  return size === undefined && home === "local" ? { ...complete, ...share } : complete;
}

function connectionsOf(settings: Settings, database: DatabaseName): number {
  const tier = APPLICATION_TIERS[settings.application.tier];
  return databaseSettings(settings, database).connections ?? tier.maxConnections;
}

type Described = Settings["sark"] | Settings["audit"];

/** A stack's own parameters over the computed ones. */
function withOverrides(tuned: ParameterSet, described: Described): ParameterSet {
  const overrides = Object.entries(described.parameters).map(([name, given]) =>
    override(described, name, given),
  );
  const replaced = new Set(overrides.map(({ name }) => name));
  return [...tuned.filter(({ name }) => !replaced.has(name)), ...overrides].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

function overrideProblems(described: Described): readonly string[] {
  return Object.entries(described.parameters).flatMap(([name, given]) => {
    try {
      override(described, name, given);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}

/** @throws Error for a parameter that the server lacks, a value that it refuses, or one that has a setting of its own */
function override(
  { majorVersion: major, home }: Described,
  name: string,
  given: ParameterValue,
): TunedParameter {
  const build: Build = home === "kubernetes" ? "compression" : "plain";
  const facts = parameterFacts(major, name, build);
  if (facts.name === "max_connections") {
    throw new Error(
      `max_connections: got ${String(given)}; allowed: nothing here; set connections instead, ` +
        `since the memory parameters and the budget are computed from it`,
    );
  }
  const value = typeof given === "string" ? parseSetting(major, name, given, build) : given;
  const setting = renderValue(major, name, value, build);
  return { name: facts.name, value, setting, unit: facts.unit, restart: facts.restart };
}

/** Everything that connects to one server, with what the pool holds for the other one beside it. */
function budgetInputOf(settings: Settings, database: DatabaseName): BudgetInput {
  const { pool } = settings;
  const base = {
    server: database,
    maxConnections: connectionsOf(settings, database),
    clients: [applicationPool(settings)],
    replicas: replicaCount(settings, database),
    extra: maintenanceSessions(settings, database),
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
