import { GB, MB, floorTo, kB } from "./bytes";
import type { ParameterEntry, Planned } from "./parameter-entry";
import type { Bytes } from "./rendered";

const SHARED =
  "several processes use them at once: autovacuum gets a smaller figure of its own, and TimescaleDB's compression jobs share one. Above 2 GB an index build gains little, and a vacuum before 17 cannot use more than 1 GB";

/** A size in whole megabytes. */
const megabytes = (bytes: number): Bytes => ({ bytes: floorTo(MB, bytes) });

export const memoryParameters: readonly ParameterEntry[] = [
  {
    set: { shared_buffers: ({ memory }) => megabytes(memory.sharedBuffers) },
    formula: "1/4 of the memory; the system's cache holds what else is read",
  },
  {
    set: { effective_cache_size: ({ memory }) => megabytes((memory.memory * 3) / 4) },
    formula: "3/4 of the memory",
  },
  {
    set: { work_mem: ({ memory }) => ({ bytes: memory.workMem }) },
    formula:
      "what the sum above leaves for each executing process, rounded down to a plain figure; at most 1/64 of the memory and 1 GB",
    whyNotTools:
      "ours is the largest that the sum above has room for. pgtune divides by three uses a process whatever else there is; timescaledb-tune counts neither its own workers nor autovacuum, so that at 1 GB its figure, used once by each of 50 connections, takes 400 MB beside 256 MB of buffers and 3 vacuums and more of 128 MB each",
    awsReplica: {
      value: reportWorkMem,
      why: "the pool's sessions share the memory of all connections; at most 1/32 of the memory and 1 GB",
    },
  },
  {
    set: { hash_mem_multiplier: ({ memory }) => memory.hashMemMultiplier },
    formula: {
      oltp: "1, so that a hash is within the sum as well: with PostgreSQL's 2, the guide's 200 connections might take 6.4 GB of 8",
      "time-series": "2, and the sum counts it: aggregates over chunks hash",
    },
  },
  {
    set: { maintenance_work_mem: ({ memory }) => megabytes(memory.maintenanceWorkMem) },
    formula: {
      oltp: "1/16 of the memory, at most 2 GB",
      "time-series":
        "as for `oltp`, and at most 1/8 of the memory divided by one and the hypertables: TimescaleDB sorts a chunk in it when it compresses, and every hypertable may do so at once",
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
    formula: "1/32 of the buffers, at most 16 MB",
    whyNotTools: "a 32nd of the buffers, the server's own rule, up to the guide's 16 MB",
  },
  {
    set: { max_locks_per_transaction: ({ memory }) => floorTo(32, memory.locks) },
    formula: {
      "time-series":
        "one for 32 MB of memory, within 128 to 1,024: a query locks every chunk and its indexes",
    },
    hotStandby: true,
    aws: { default: "64" },
  },
  { set: { temp_buffers: { bytes: 8 * MB } } },
  {
    set: { huge_pages: undefined },
    whyNotTools: "the server's default, which falls back by itself",
    aws: { leftOut: "RDS turns it on by the class" },
  },
];

/**
 * The memory that the primary's figures leave for statements, shared by the sessions that the pool lets through to a
 * replica, not by all that `max_connections` counts: the sum stays the same, and each statement has more.
 */
function reportWorkMem({ input, memory, workers, sessions }: Planned): Bytes {
  const executing = (count: number) => count + workers.parallel;
  const shared = (memory.workMem * executing(input.maxConnections)) / executing(sessions);
  const most = Math.min(memory.memory / 32, GB);
  return { bytes: floorTo(64 * kB, Math.min(Math.max(memory.workMem, shared), most)) };
}
