import type { ParameterEntry } from "./parameter-entry";

const PARALLEL =
  "both tools leave a single processor at the defaults, which start two helpers for a query that has no second processor to run on";
const VACUUM =
  "the guide's. Ten vacuums at once are for very many tables that change; a chunk here is written, compressed once and dropped";

export const workerParameters: readonly ParameterEntry[] = [
  {
    set: { max_parallel_workers: ({ workers }) => workers.parallel },
    formula: "a processor each",
    differs: { tools: PARALLEL },
  },
  {
    set: { max_parallel_workers_per_gather: ({ workers }) => workers.perGather },
    formula:
      "half of the processors, at most 4 (`time-series`: 8): an aggregate over many chunks gains from more, a short statement does not",
    differs: { tools: PARALLEL },
    homes: {
      aws: {
        replica: {
          value: ({ workers }) => Math.min(8, Math.floor(workers.parallel / 2)),
          why: "half of the processors, at most 8: few long statements run there",
        },
      },
    },
  },
  {
    set: { max_parallel_maintenance_workers: ({ workers }) => workers.perMaintenance },
    formula: "half of the processors, at most 4",
    differs: { tools: PARALLEL },
  },
  {
    set: { autovacuum_max_workers: ({ workers }) => workers.autovacuum },
    formula: "3; 4 from 16 processors on, 5 from 32",
    differs: { tools: VACUUM },
    homes: { aws: { source: "guide" } },
  },
  {
    set: { autovacuum_naptime: 60 },
    differs: { tools: VACUUM },
    homes: { aws: { source: "guide" } },
  },
  { set: { autovacuum: true }, homes: { aws: { source: "guide", default: "1" } } },
  {
    set: { autovacuum_vacuum_scale_factor: 0.1 },
    homes: { aws: { source: "guide", default: "0.1" } },
  },
  {
    set: { autovacuum_analyze_scale_factor: 0.05 },
    homes: { aws: { source: "guide", default: "0.05" } },
  },
  {
    set: { io_workers: ({ workers }) => workers.io },
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
    differs: {
      tools: "never below PostgreSQL's default: logical replication and extensions need places too",
    },
    hotStandby: true,
    homes: { aws: { source: "reference" } },
  },
  {
    set: { "timescaledb.max_background_workers": ({ workers }) => workers.timescale },
    workload: "time-series",
    formula:
      "launcher, 3 a database, 3 a hypertable; 16 at least, the default of TimescaleDB and timescaledb-tune",
  },
];
