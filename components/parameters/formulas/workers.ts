import type { TuningInput } from "./tuning-input";

/** Processes that a server runs beside its connections. */
export interface WorkerPlan {
  /** `max_parallel_workers`: parallel workers of all queries together. */
  readonly parallel: number;
  /** `autovacuum_max_workers`. */
  readonly autovacuum: number;
  /** `timescaledb.max_background_workers`; 0 without TimescaleDB. */
  readonly timescale: number;
  /** `max_worker_processes`: the pool that parallel and TimescaleDB's workers come from. */
  readonly processes: number;
}

/** Default of TimescaleDB and of timescaledb-tune for `timescaledb.max_background_workers`. */
const timescaleDefault = 16;
/** Default of `max_worker_processes`. */
const processesDefault = 8;

const defaultDatabases = 1;
export const defaultHypertables = 3;

/** Counts workers from processors, and TimescaleDB's from its databases and jobs. */
export function planWorkers(input: TuningInput): WorkerPlan {
  const vcpus = Math.max(1, Math.floor(input.vcpus));
  const timeSeries = input.workload === "time-series";
  const timescale = timeSeries ? timescaleWorkers(input) : 0;

  return {
    parallel: vcpus,
    autovacuum: vcpus >= 32 ? 5 : vcpus >= 16 ? 4 : 3,
    timescale,
    // As timescaledb-tune counts.
    processes: timeSeries ? 3 + timescale + vcpus : Math.max(processesDefault, vcpus),
  };
}

/**
 * The launcher, a scheduler a database, and every job that can run at once: each database has two of
 * TimescaleDB's own, each hypertable compresses, drops chunks and refreshes an aggregate.
 */
function timescaleWorkers({ timescale = {} }: TuningInput): number {
  const { databases = defaultDatabases, hypertables = defaultHypertables } = timescale;
  return Math.max(timescaleDefault, 1 + databases * (1 + 2) + hypertables * 3);
}
