import { clamp } from "./bytes";
import type { ParameterEntry } from "./parameter-entry";

const PARALLEL =
  "both tools leave a single processor at the defaults, which start two helpers for a query that has no second processor to run on";
const VACUUM =
  "the guide's. Ten vacuums at once are for very many tables that change; a chunk here is written, compressed once and dropped";

/** Half of the processors, at most so many. */
const halfUpTo = (most: number, vcpus: number) => Math.min(most, Math.floor(vcpus / 2));

export const workerParameters: readonly ParameterEntry[] = [
  {
    set: { max_parallel_workers: ({ workers }) => workers.parallel },
    formula: "a processor each",
    whyNotTools: PARALLEL,
  },
  {
    set: {
      max_parallel_workers_per_gather: ({ input, workers }) =>
        halfUpTo(input.workload === "time-series" ? 8 : 4, workers.parallel),
    },
    formula:
      "half of the processors, at most 4 (`time-series`: 8): an aggregate over many chunks gains from more, a short statement does not",
    whyNotTools: PARALLEL,
    awsReplica: {
      value: ({ workers }) => halfUpTo(8, workers.parallel),
      why: "half of the processors, at most 8: few long statements run there",
    },
  },
  {
    set: { max_parallel_maintenance_workers: ({ workers }) => halfUpTo(4, workers.parallel) },
    formula: "half of the processors, at most 4",
    whyNotTools: PARALLEL,
  },
  {
    set: { autovacuum_max_workers: ({ workers }) => workers.autovacuum },
    formula: "3; 4 from 16 processors on, 5 from 32",
    whyNotTools: VACUUM,
  },
  { set: { autovacuum_naptime: 60 }, whyNotTools: VACUUM },
  { set: { autovacuum: true }, aws: { default: "1" } },
  { set: { autovacuum_vacuum_scale_factor: 0.1 }, aws: { default: "0.1" } },
  { set: { autovacuum_analyze_scale_factor: 0.05 }, aws: { default: "0.05" } },
  {
    // The default of three serves twelve processors; a quarter of them is what pgtune gives as well.
    set: { io_workers: ({ workers }) => clamp(Math.floor(workers.parallel / 4), 3, 32) },
    since: 18,
    formula: "a quarter of the processors, 3 at least; from PostgreSQL 18 on",
  },
  {
    set: { max_worker_processes: ({ workers }) => workers.processes },
    formula: {
      oltp: "a processor each, 8 at least",
      "time-series":
        "3 + TimescaleDB's workers + parallel workers: a job that finds no place does not run",
    },
    whyNotTools:
      "never below PostgreSQL's default: logical replication and extensions need places too",
    hotStandby: true,
  },
  {
    set: { "timescaledb.max_background_workers": ({ workers }) => workers.timescale },
    workload: "time-series",
    formula:
      "launcher, 3 a database, 3 a hypertable; 16 at least, the default of TimescaleDB and timescaledb-tune",
  },
];
