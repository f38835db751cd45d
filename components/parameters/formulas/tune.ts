/**
 * Server parameters computed from the size of a machine and its connections. docs/tuning.md has the
 * formulas, what differs from the guide, and a comparison with pgtune and timescaledb-tune.
 */
import { formatProblems } from "../../text/problem";
import { toParameterSet } from "./rendered";
import type { Figures } from "./rendered";
import { loggingFigures } from "./logging";
import { memoryFormulas, planMemory } from "./memory";
import type { MemoryPlan } from "./memory";
import { superuserReserved, tuningProblems } from "./tuning-problems";
import type {
  Formula,
  ParameterSet,
  ParametersByRestart,
  StorageKind,
  TuningInput,
  Workload,
} from "./tuning-input";
import { planWal, walFormulas } from "./wal";
import { planWorkers, workerFormulas } from "./workers";

export type * from "./tuning-input";
export type { MemoryItem } from "./memory";
export { maintainerCount, memoryItems, processCount } from "./memory";
export { fits, largestConnections, tuningProblems } from "./tuning-problems";

/**
 * Parameters that a replica must have at least as large as its primary, or it refuses to start
 * (PostgreSQL, "Hot Standby", administrator's overview). To raise one: replicas first; to lower: last.
 */
export const hotStandbyParameters: readonly string[] = [
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
];

/**
 * Computes a server's parameters. Pure: the same input gives the same set. Where the server listens,
 * where it logs and archives to, and its certificates are its home's to set, not part of this.
 *
 * @throws one error with every {@link tuningProblems | problem} of the input.
 */
export function tune(input: TuningInput): ParameterSet {
  const problems = tuningProblems(input);
  if (problems.length > 0) throw new Error(formatProblems(problems));

  const workers = planWorkers(input);
  const figures: Figures = {
    ...memoryFigures(planMemory(input, workers)),
    ...walFigures(input),
    ...plannerFigures(input.storage),
    ...loggingFigures(input.majorVersion),

    max_connections: input.maxConnections,
    superuser_reserved_connections: superuserReserved,
    password_encryption: "scram-sha-256",

    max_worker_processes: workers.processes,
    max_parallel_workers: workers.parallel,
    max_parallel_workers_per_gather: workers.perGather,
    max_parallel_maintenance_workers: workers.perMaintenance,
    ...(input.majorVersion >= 18 ? { io_workers: workers.io } : {}),

    autovacuum: true,
    autovacuum_max_workers: workers.autovacuum,
    autovacuum_naptime: 60,
    autovacuum_vacuum_scale_factor: 0.1,
    autovacuum_analyze_scale_factor: 0.05,

    track_io_timing: true,
    "pg_stat_statements.max": 10_000,
    "pg_stat_statements.track": "all",
    ...(input.workload === "time-series"
      ? {
          "timescaledb.max_background_workers": workers.timescale,
          "timescaledb.telemetry_level": "off",
        }
      : {}),
  };
  return toParameterSet(input.majorVersion, figures);
}

/** How every parameter that depends on the machine is computed, in docs/tuning.md's order. */
export const formulas: readonly Formula[] = [
  ...memoryFormulas,
  ...walFormulas,
  ...workerFormulas,
  {
    parameters: ["random_page_cost", "effective_io_concurrency"],
    formula: "SSD 1.1 and 200, disk 4 and 2, network storage 1.1 and 300",
  },
  {
    parameters: ["max_connections"],
    formula: "the setting `connections`, or the figure of the application's tier",
  },
  {
    parameters: ["timescaledb.telemetry_level"],
    workload: "time-series",
    formula: "off: an audit database reports to nobody",
  },
];

/** Libraries that a server preloads, in order; a change restarts it. Some homes take them apart from the parameters. */
export function preloadLibraries(workload: Workload): readonly string[] {
  return workload === "time-series"
    ? ["timescaledb", "pg_stat_statements"]
    : ["pg_stat_statements"];
}

/** Splits a set into what needs a restart and what a reload is enough for. */
export function byRestart(set: ParameterSet): ParametersByRestart {
  const pick = (restart: boolean): Record<string, string> =>
    Object.fromEntries(
      set.filter((one) => one.restart === restart).map((one) => [one.name, one.setting]),
    );
  return { restart: pick(true), reload: pick(false) };
}

function memoryFigures(plan: MemoryPlan): Figures {
  return {
    shared_buffers: { bytes: plan.sharedBuffers },
    effective_cache_size: { bytes: plan.effectiveCacheSize },
    work_mem: { bytes: plan.workMem },
    hash_mem_multiplier: plan.hashMemMultiplier,
    maintenance_work_mem: { bytes: plan.maintenanceWorkMem },
    autovacuum_work_mem: { bytes: plan.autovacuumWorkMem },
    temp_buffers: { bytes: 8 * 2 ** 20 },
    wal_buffers: { bytes: plan.walBuffers },
    max_locks_per_transaction: plan.maxLocks,
  };
}

function walFigures(input: TuningInput): Figures {
  const wal = planWal(input);
  return {
    wal_level: "replica",
    max_wal_size: { bytes: wal.max },
    min_wal_size: { bytes: wal.min },
    max_slot_wal_keep_size: { bytes: wal.slotKeep },
    checkpoint_completion_target: 0.9,
    checkpoint_timeout: 15 * 60,
    max_wal_senders: 10,
    max_replication_slots: 10,
    max_prepared_transactions: 0,
  };
}

/** The guide's costs; network storage takes more requests at once (pgtune's figure). */
function plannerFigures(storage: StorageKind): Figures {
  return {
    random_page_cost: storage === "hdd" ? 4 : 1.1,
    effective_io_concurrency: { hdd: 2, ssd: 200, san: 300 }[storage],
    default_statistics_target: 100,
    jit: false,
  };
}
