import { GB, MB, clamp, floorTo, kB } from "./units";
import type { TuningInput } from "./types";
import { defaultHypertables } from "./workers";
import type { WorkerPlan } from "./workers";

/** Part of the memory that a server may need at its worst. */
export interface MemoryItem {
  readonly what: string;
  readonly bytes: number;
}

/** Sizes in bytes that come from memory, and the sum that shows that they fit. */
export interface MemoryPlan {
  readonly sharedBuffers: number;
  readonly effectiveCacheSize: number;
  readonly maintenanceWorkMem: number;
  readonly autovacuumWorkMem: number;
  readonly walBuffers: number;
  /** Below {@link smallestWorkMem} the memory does not suffice. */
  readonly workMem: number;
  readonly hashMemMultiplier: number;
  readonly maxLocks: number;
  /** Everything at its worst, at once; its sum is at most the machine's memory. */
  readonly items: readonly MemoryItem[];
}

/** With less, sorts of a few thousand rows go to the disk. */
export const smallestWorkMem = 1 * MB;

/**
 * A connection's own memory. Measured on 16, 17 and 18: 2.0 MB when new, 5.4 MB after it had read 60
 * tables and kept 30 prepared statements; a fifth of the connections is never opened (the budget's 80 %).
 */
const backend = 3 * MB;

/**
 * Shared memory beside `shared_buffers`, an upper bound of `shared_memory_size` on 16, 17 and 18 (the
 * tests ask servers): 3 % of the buffers, 24 kB a process, 450 bytes a lock, 24 MB for the rest.
 */
const shared = { ofBuffers: 0.03, process: 24 * kB, lock: 450, rest: 24 * MB };

/** Autovacuum's slots, walsenders and auxiliary processes, which have a place in shared memory as well. */
const otherProcesses = 32;

/** Divides what a machine has; pure arithmetic, so it also says how far off a machine is that is too small. */
export function planMemory(input: TuningInput, workers: WorkerPlan): MemoryPlan {
  const timeSeries = input.workload === "time-series";
  const memory = input.memory - (input.reservedMemory ?? 0);
  const connections = input.maxConnections;

  // A quarter for the server's cache; the system's cache holds what else is read.
  const sharedBuffers = memory / 4;
  const walBuffers = Math.min(16 * MB, sharedBuffers / 32);
  const locks = timeSeries ? clamp(memory / (32 * MB), 128, 1024) : 64;
  const processes = connections + workers.processes + workers.autovacuum + otherProcesses;

  // compress_chunk() sorts a chunk in maintenance_work_mem, and all hypertables may do so at once.
  const hypertables = timeSeries ? (input.timescale?.hypertables ?? defaultHypertables) : 0;
  const maintainers = 1 + hypertables;
  const maintenance = Math.min(
    memory / 16,
    timeSeries ? memory / 8 / maintainers : Infinity,
    2 * GB,
  );
  const autovacuum = Math.min(memory / 32, 1 * GB);

  // Aggregates over chunks hash, so they keep PostgreSQL's multiplier and the sum pays for it. Short
  // statements do without: with it, the guide's 200 connections x 16 MB would be twice that.
  const hashMemMultiplier = timeSeries ? 2 : 1;
  const executors = connections + workers.parallel + workers.timescale;

  const fixed: readonly MemoryItem[] = [
    { what: "the operating system", bytes: memory / 16 },
    { what: "shared_buffers", bytes: sharedBuffers },
    {
      what: "other shared memory",
      bytes:
        sharedBuffers * shared.ofBuffers +
        walBuffers +
        shared.rest +
        processes * (shared.process + locks * shared.lock),
    },
    {
      what: `${executors + workers.autovacuum} processes x 3 MB`,
      bytes: (executors + workers.autovacuum) * backend,
    },
    {
      what: `${maintainers} x maintenance_work_mem + ${workers.autovacuum} x autovacuum_work_mem`,
      bytes: maintainers * maintenance + workers.autovacuum * autovacuum,
    },
  ];
  const left = memory - fixed.reduce((sum, { bytes }) => sum + bytes, 0);
  // A statement may have several sorts, and the page cache is served from what they leave.
  const mostWorkMem = Math.min(memory / 64, 1 * GB);
  const workMem = roundWorkMem(Math.min(left / (executors * hashMemMultiplier), mostWorkMem));

  return {
    sharedBuffers: floorTo(MB, sharedBuffers),
    effectiveCacheSize: floorTo(MB, (memory * 3) / 4),
    maintenanceWorkMem: floorTo(MB, maintenance),
    autovacuumWorkMem: floorTo(MB, autovacuum),
    walBuffers: floorTo(64 * kB, walBuffers),
    workMem,
    hashMemMultiplier,
    maxLocks: floorTo(32, locks),
    items: [
      ...fixed,
      {
        what: `${executors} executing processes x work_mem${hashMemMultiplier === 1 ? "" : " x 2"}`,
        bytes: executors * hashMemMultiplier * Math.max(workMem, smallestWorkMem),
      },
    ],
  };
}

/** Down to a figure that a person would write: 4 MB steps from 16 MB on, then 1 MB, then 64 kB. */
function roundWorkMem(bytes: number): number {
  const step = bytes >= 16 * MB ? 4 * MB : bytes >= 4 * MB ? MB : 64 * kB;
  return floorTo(step, bytes);
}
