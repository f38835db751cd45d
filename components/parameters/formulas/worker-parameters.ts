import { clamp } from "./bytes";
import type { ParameterEntry } from "./parameter-entry";

const PARALLEL =
  "with a single vCPU both tools keep the defaults, which start two workers for a query with no second vCPU to run on";
const VACUUM =
  "the guide's value. Ten concurrent vacuums suit very many changing tables; a chunk here is written, compressed once and dropped";

/** Half of the vCPUs, up to a limit. */
const halfUpTo = (most: number, vcpus: number) => Math.min(most, Math.floor(vcpus / 2));

export const workerParameters: readonly ParameterEntry[] = [
  {
    set: { max_parallel_workers: ({ workers }) => workers.parallel },
    formula: "one per vCPU",
    whyNotTools: PARALLEL,
  },
  {
    set: {
      max_parallel_workers_per_gather: ({ input, workers }) =>
        halfUpTo(input.workload === "time-series" ? 8 : 4, workers.parallel),
    },
    formula:
      "half of the vCPUs, at most 4 (`time-series`: 8): an aggregate over many chunks benefits from more, a short statement does not",
    whyNotTools: PARALLEL,
    awsReplica: {
      value: ({ workers }) => halfUpTo(8, workers.parallel),
      why: "half of the vCPUs, at most 8: only few, long statements run there",
    },
  },
  {
    set: { max_parallel_maintenance_workers: ({ workers }) => halfUpTo(4, workers.parallel) },
    formula: "half of the vCPUs, at most 4",
    whyNotTools: PARALLEL,
  },
  {
    set: { autovacuum_max_workers: ({ workers }) => workers.autovacuum },
    formula: "3; 4 from 16 vCPUs, 5 from 32",
    whyNotTools: VACUUM,
  },
  { set: { autovacuum_naptime: 60 }, whyNotTools: VACUUM },
  { set: { autovacuum: true }, aws: { default: "1" } },
  { set: { autovacuum_vacuum_scale_factor: 0.1 }, aws: { default: "0.1" } },
  { set: { autovacuum_analyze_scale_factor: 0.05 }, aws: { default: "0.05" } },
  {
    // The default of three is enough for twelve vCPUs; pgtune also uses a quarter of them.
    set: { io_workers: ({ workers }) => clamp(Math.floor(workers.parallel / 4), 3, 32) },
    since: 18,
    formula: "a quarter of the vCPUs, at least 3; since PostgreSQL 18",
  },
  {
    set: { max_worker_processes: ({ workers }) => workers.processes },
    formula: {
      oltp: "one per vCPU, at least 8",
      "time-series":
        "3 + TimescaleDB's workers + parallel workers: without a free slot, a job does not run",
    },
    whyNotTools:
      "never below PostgreSQL's default: logical replication and extensions need slots too",
    hotStandby: true,
  },
  {
    set: { "timescaledb.max_background_workers": ({ workers }) => workers.timescale },
    workload: "time-series",
    formula:
      "launcher, 3 per database, 3 per hypertable; at least 16, the default of TimescaleDB and timescaledb-tune",
  },
];
