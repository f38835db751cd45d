import { GB, MB, floorTo, kB } from "./bytes";
import type { ParameterEntry, FormulaInput } from "./parameter-entry";
import type { ByteSize } from "./parameter-set";

const SHARED =
  "several processes use it at once: autovacuum has its own smaller limit, and TimescaleDB's compression jobs share one. Above 2 GB an index build gains little, and before PostgreSQL 17 a vacuum cannot use more than 1 GB";

/** A size in whole megabytes. */
const megabytes = (bytes: number): ByteSize => ({ bytes: floorTo(MB, bytes) });

export const memoryParameters: readonly ParameterEntry[] = [
  {
    set: { shared_buffers: ({ memory }) => megabytes(memory.sharedBuffers) },
    formula: "1/4 of the memory; the OS page cache holds other data",
  },
  {
    set: { effective_cache_size: ({ memory }) => megabytes((memory.memory * 3) / 4) },
    formula: "3/4 of the memory",
  },
  {
    set: { work_mem: ({ memory }) => ({ bytes: memory.workMem }) },
    formula:
      "the rest of the sum above, divided by the executing processes and rounded down to a readable figure; at most 1/64 of the memory and 1 GB",
    whyNotTools:
      "ours is the largest value that fits the sum above. pgtune divides by three uses per process, whatever else runs. timescaledb-tune counts neither its own workers nor autovacuum: at 1 GB, its value, used once by each of 50 connections, takes 400 MB besides 256 MB of buffers and at least 3 vacuums of 128 MB each",
    awsReplica: {
      value: reportWorkMem,
      why: "the pool's sessions share the memory of all connections; at most 1/32 of the memory and 1 GB",
    },
  },
  {
    set: { hash_mem_multiplier: ({ memory }) => memory.hashMemMultiplier },
    formula: {
      oltp: "1, so that hash tables stay within the sum: with PostgreSQL's default of 2, the guide's 200 connections might take 6.4 GB of 8",
      "time-series": "2, included in the sum: aggregates over chunks use hash tables",
    },
  },
  {
    set: { maintenance_work_mem: ({ memory }) => megabytes(memory.maintenanceWorkMem) },
    formula: {
      oltp: "1/16 of the memory, at most 2 GB",
      "time-series":
        "as for `oltp`, and at most 1/8 of the memory divided by one plus the number of hypertables: TimescaleDB sorts a chunk in it during compression, and all hypertables may compress at once",
    },
    whyNotTools: SHARED,
  },
  {
    set: { autovacuum_work_mem: ({ memory }) => megabytes(memory.autovacuumWorkMem) },
    formula: "1/32 of the memory, at most 1 GB",
    whyNotTools: SHARED,
  },
  {
    set: { wal_buffers: ({ memory }) => ({ bytes: floorTo(64 * kB, memory.walBuffers) }) },
    formula: "1/32 of shared_buffers, at most 16 MB",
    whyNotTools: "1/32 of shared_buffers is the server's own rule; the cap is the guide's 16 MB",
  },
  {
    set: { max_locks_per_transaction: ({ memory }) => floorTo(32, memory.locks) },
    formula: {
      "time-series":
        "one per 32 MB of memory, from 128 to 1,024: a query locks every chunk and its indexes",
    },
    hotStandby: true,
    aws: { default: "64" },
  },
  { set: { temp_buffers: { bytes: 8 * MB } } },
  {
    set: { huge_pages: undefined },
    whyNotTools: "the server's default, which falls back to normal pages by itself",
    aws: { leftOut: "RDS sets it by instance class" },
  },
];

/**
 * work_mem of a replica. The memory that the primary leaves for statements is shared by the sessions that the pool lets
 * through, instead of all of `max_connections`: the sum is the same, and each statement gets more.
 */
function reportWorkMem({ input, memory, workers, sessions }: FormulaInput): ByteSize {
  const executing = (count: number) => count + workers.parallel;
  const shared = (memory.workMem * executing(input.maxConnections)) / executing(sessions);
  const most = Math.min(memory.memory / 32, GB);
  return { bytes: floorTo(64 * kB, Math.min(Math.max(memory.workMem, shared), most)) };
}
