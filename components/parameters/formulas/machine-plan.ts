import { GB, MB, clamp, floorTo, kB } from "./bytes";
import type { TuningInput, Workload } from "./tuning-input";

/** How a machine's CPUs, memory and disk are divided. */
export interface MachinePlan {
  readonly workers: WorkerPlan;
  readonly memory: MemoryPlan;
  readonly wal: WalPlan;
}

/**
 * Divides a machine's CPUs, memory and disk. Pure arithmetic: it also gives a result for a machine that is too small,
 * so that messages can say by how much.
 */
export function planMachine(input: TuningInput): MachinePlan {
  const available = { ...input, memory: input.memory - (input.reservedMemory ?? 0) };
  const workers = planWorkers(input);
  return { workers, memory: planMemory(available, workers), wal: planWal(available) };
}

/** Background processes of a server, besides its connections. */
interface WorkerPlan {
  /** `max_parallel_workers`: parallel workers of all queries together. */
  readonly parallel: number;
  /** `autovacuum_max_workers`. */
  readonly autovacuum: number;
  /** `timescaledb.max_background_workers`; 0 without TimescaleDB. */
  readonly timescale: number;
  /** `max_worker_processes`: limit for parallel workers and TimescaleDB's background workers together. */
  readonly processes: number;
}

/** Default of TimescaleDB and of timescaledb-tune for `timescaledb.max_background_workers`. */
const timescaleDefault = 16;
/** Default of `max_worker_processes`. */
const processesDefault = 8;

/** Number of hypertables in sark_audit. */
const hypertableCount = 3;

/** Sizes worker pools: from the vCPUs, and for TimescaleDB from its jobs. */
function planWorkers(input: TuningInput): WorkerPlan {
  const vcpus = Math.max(1, Math.floor(input.vcpus));
  const timeSeries = input.workload === "time-series";
  const timescale = timeSeries ? timescaleWorkers : 0;

  return {
    parallel: vcpus,
    autovacuum: vcpus >= 32 ? 5 : vcpus >= 16 ? 4 : 3,
    timescale,
    // Formula of timescaledb-tune.
    processes: timeSeries ? 3 + timescale + vcpus : Math.max(processesDefault, vcpus),
  };
}

/**
 * TimescaleDB background workers: the launcher, one scheduler, and every job that can run at once. Jobs are two of
 * TimescaleDB's own, and compression, retention and refresh for each hypertable.
 */
const timescaleWorkers = Math.max(timescaleDefault, 1 + (1 + 2) + hypertableCount * 3);

/** Memory that one part of the server may need in the worst case. */
export interface MemoryItem {
  readonly name: string;
  readonly bytes: number;
}

/** Below this, sorts of a few thousand rows spill to disk. */
export const smallestWorkMem = 1 * MB;

/**
 * Private memory of a backend. Measured on 16, 17 and 18: 2.0 MB when new, 5.4 MB after reading 60 tables with 30
 * prepared statements. A fifth of the connections is never opened (the budget's 80 %).
 */
const backendMemory = 3 * MB;

/**
 * Shared memory besides `shared_buffers`. Upper bound of `shared_memory_size` on 16, 17 and 18 (tests ask servers): 3 %
 * of the buffers, 24 kB per process, 450 bytes per lock, 24 MB for the rest.
 */
const sharedMemory = { ofBuffers: 0.03, process: 24 * kB, lock: 450, rest: 24 * MB };

/** Autovacuum slots, walsenders and auxiliary processes; they use shared memory as well. */
const otherProcesses = 32;

/** Inputs of the memory sum; sizes in bytes. */
export interface MemoryUse {
  /** Memory of the whole machine or container. */
  readonly memory: number;
  readonly sharedBuffers: number;
  readonly walBuffers: number;
  /** `max_locks_per_transaction`. */
  readonly locks: number;
  /** Processes that execute statements: sessions, parallel workers and TimescaleDB's workers. */
  readonly executors: number;
  /** All processes with a slot in shared memory. */
  readonly processes: number;
  readonly autovacuumWorkers: number;
  /** Maintenance commands that may run at once. */
  readonly maintainers: number;
  readonly maintenanceWorkMem: number;
  readonly autovacuumWorkMem: number;
  readonly workMem: number;
  readonly hashMemMultiplier: number;
}

/** Result of {@link planMemory}; only `workMem` is rounded. */
interface MemoryPlan extends MemoryUse {
  /** Worst case of all parts at once; the sum is at most the machine's memory. */
  readonly items: readonly MemoryItem[];
}

/** Number of processes with a slot in shared memory. */
export function processCount(
  maxConnections: number,
  { processes, autovacuum }: Pick<WorkerPlan, "processes" | "autovacuum">,
): number {
  return maxConnections + processes + autovacuum + otherProcesses;
}

/**
 * Maintenance commands that may run at once. compress_chunk() sorts a chunk in maintenance_work_mem, once per
 * hypertable.
 */
export function maintainerCount(workload: Workload): number {
  return 1 + (workload === "time-series" ? hypertableCount : 0);
}

/** Worst-case memory of each part of the server, all at once. */
export function memoryItems(use: MemoryUse): readonly MemoryItem[] {
  return [
    { name: "the operating system", bytes: use.memory / 16 },
    { name: "shared_buffers", bytes: use.sharedBuffers },
    {
      name: "other shared memory",
      bytes:
        use.sharedBuffers * sharedMemory.ofBuffers +
        use.walBuffers +
        sharedMemory.rest +
        use.processes * (sharedMemory.process + use.locks * sharedMemory.lock),
    },
    {
      name: `${use.executors + use.autovacuumWorkers} processes x 3 MB`,
      bytes: (use.executors + use.autovacuumWorkers) * backendMemory,
    },
    {
      name: `${use.maintainers} x maintenance_work_mem + ${use.autovacuumWorkers} x autovacuum_work_mem`,
      bytes:
        use.maintainers * use.maintenanceWorkMem + use.autovacuumWorkers * use.autovacuumWorkMem,
    },
    {
      name: `${use.executors} executing processes x work_mem${use.hashMemMultiplier === 1 ? "" : ` x ${use.hashMemMultiplier}`}`,
      bytes: use.executors * use.hashMemMultiplier * use.workMem,
    },
  ];
}

function planMemory(input: TuningInput, workers: WorkerPlan): MemoryPlan {
  const timeSeries = input.workload === "time-series";
  const { memory } = input;

  const sharedBuffers = memory / 4;
  const walBuffers = Math.min(16 * MB, sharedBuffers / 32);
  const locks = timeSeries ? clamp(memory / (32 * MB), 128, 1024) : 64;
  const processes = processCount(input.maxConnections, workers);

  const maintainers = maintainerCount(input.workload);
  const maintenance = Math.min(
    memory / 16,
    timeSeries ? memory / 8 / maintainers : Infinity,
    2 * GB,
  );
  const autovacuum = Math.min(memory / 32, 1 * GB);

  const hashMemMultiplier = timeSeries ? 2 : 1;
  const executors = input.maxConnections + workers.parallel + workers.timescale;

  const use = {
    memory,
    sharedBuffers,
    walBuffers,
    locks,
    executors,
    processes,
    autovacuumWorkers: workers.autovacuum,
    maintainers,
    maintenanceWorkMem: maintenance,
    autovacuumWorkMem: autovacuum,
    hashMemMultiplier,
  };
  const fixed = memoryItems({ ...use, workMem: 0 });
  const left = memory - fixed.reduce((sum, { bytes }) => sum + bytes, 0);
  // One statement may run several sorts, and the page cache needs the rest.
  const mostWorkMem = Math.min(memory / 64, 1 * GB);
  const workMem = roundWorkMem(Math.min(left / (executors * hashMemMultiplier), mostWorkMem));

  const items = memoryItems({ ...use, workMem: Math.max(workMem, smallestWorkMem) });
  return { ...use, workMem, items };
}

/** Rounds down to a readable figure: steps of 4 MB from 16 MB, of 1 MB from 4 MB, else 64 kB. */
function roundWorkMem(bytes: number): number {
  return floorTo(bytes >= 16 * MB ? 4 * MB : bytes >= 4 * MB ? MB : 64 * kB, bytes);
}

/** WAL sizes, in bytes. */
export interface WalPlan {
  readonly max: number;
  readonly min: number;
  /** WAL that the slot of an absent replica may retain. Beyond it, the replica must be rebuilt. */
  readonly slotKeep: number;
}

const segment = 16 * MB;

/** Smallest volumes on which the WAL shares below make sense. */
export const smallestStorage = 1 * GB;
export const smallestWalStorage = 512 * MB;

/**
 * Sizes WAL so that neither checkpoints nor a replication slot fill the volume.
 * @param input its `memory` is the memory available to the server
 */
export function planWal(input: TuningInput): WalPlan {
  const space = walSpace(input);
  const wanted = clamp(input.memory / 2, 1 * GB, 16 * GB);
  const max = floorTo(segment, space === undefined ? wanted : Math.min(wanted, space / 3));
  return {
    max,
    min: Math.max(2 * segment, floorTo(segment, max / 4)),
    slotKeep: space === undefined ? 4 * max : floorTo(segment, (space * 2) / 3),
  };
}

/** Bytes available for WAL; undefined when no volume size is known. */
function walSpace(input: TuningInput): number | undefined {
  if (input.walStorageSize !== undefined) return (input.walStorageSize * 4) / 5;
  return input.storageSize === undefined ? undefined : input.storageSize / 5;
}
