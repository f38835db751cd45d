import { GB, MB, clamp, floorTo, kB } from "./bytes";
import type { TuningInput, Workload } from "./tuning-input";

/** What a machine is divided into. */
export interface MachinePlan {
  readonly workers: WorkerPlan;
  readonly memory: MemoryPlan;
  readonly wal: WalPlan;
}

/** Divides what a machine has; pure arithmetic, so it also says how far off a machine is that is too small. */
export function planMachine(input: TuningInput): MachinePlan {
  const available = { ...input, memory: input.memory - (input.reservedMemory ?? 0) };
  const workers = planWorkers(input);
  return { workers, memory: planMemory(available, workers), wal: planWal(available) };
}

/** Processes that a server runs beside its connections. */
interface WorkerPlan {
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

/** Of the one database that has TimescaleDB. */
const hypertables = 3;

/** Counts workers from processors, and TimescaleDB's from its jobs. */
function planWorkers(input: TuningInput): WorkerPlan {
  const vcpus = Math.max(1, Math.floor(input.vcpus));
  const timeSeries = input.workload === "time-series";
  const timescale = timeSeries ? timescaleWorkers : 0;

  return {
    parallel: vcpus,
    autovacuum: vcpus >= 32 ? 5 : vcpus >= 16 ? 4 : 3,
    timescale,
    // As timescaledb-tune counts.
    processes: timeSeries ? 3 + timescale + vcpus : Math.max(processesDefault, vcpus),
  };
}

/**
 * The launcher, a scheduler, and every job that can run at once: two of TimescaleDB's own, and each hypertable
 * compresses, drops chunks and refreshes an aggregate.
 */
const timescaleWorkers = Math.max(timescaleDefault, 1 + (1 + 2) + hypertables * 3);

/** Part of the memory that a server may need at its worst. */
export interface MemoryItem {
  readonly what: string;
  readonly bytes: number;
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

/** What a server's memory is used for; sizes in bytes. */
export interface MemoryUse {
  /** Of the whole machine or container. */
  readonly memory: number;
  readonly sharedBuffers: number;
  readonly walBuffers: number;
  /** `max_locks_per_transaction`. */
  readonly locks: number;
  /** Sessions, parallel workers and TimescaleDB's: each runs statements. */
  readonly executors: number;
  /** Everything that has a place in shared memory. */
  readonly processes: number;
  readonly autovacuumWorkers: number;
  /** Maintenance commands that run at once. */
  readonly maintainers: number;
  readonly maintenanceWorkMem: number;
  readonly autovacuumWorkMem: number;
  readonly workMem: number;
  readonly hashMemMultiplier: number;
}

/** What {@link planMemory} divides a machine into; nothing is rounded but `workMem`. */
interface MemoryPlan extends MemoryUse {
  /** Everything at its worst, at once; its sum is at most the machine's memory. */
  readonly items: readonly MemoryItem[];
}

/** Processes that have a place in shared memory. */
export function processCount(
  maxConnections: number,
  { processes, autovacuum }: Pick<WorkerPlan, "processes" | "autovacuum">,
): number {
  return maxConnections + processes + autovacuum + otherProcesses;
}

/** Maintenance that may run at once: compress_chunk() sorts a chunk in maintenance_work_mem, each hypertable its own. */
export function maintainerCount(workload: Workload): number {
  return 1 + (workload === "time-series" ? hypertables : 0);
}

/** All that a server may use at its worst, at once. */
export function memoryItems(use: MemoryUse): readonly MemoryItem[] {
  return [
    { what: "the operating system", bytes: use.memory / 16 },
    { what: "shared_buffers", bytes: use.sharedBuffers },
    {
      what: "other shared memory",
      bytes:
        use.sharedBuffers * shared.ofBuffers +
        use.walBuffers +
        shared.rest +
        use.processes * (shared.process + use.locks * shared.lock),
    },
    {
      what: `${use.executors + use.autovacuumWorkers} processes x 3 MB`,
      bytes: (use.executors + use.autovacuumWorkers) * backend,
    },
    {
      what: `${use.maintainers} x maintenance_work_mem + ${use.autovacuumWorkers} x autovacuum_work_mem`,
      bytes:
        use.maintainers * use.maintenanceWorkMem + use.autovacuumWorkers * use.autovacuumWorkMem,
    },
    {
      what: `${use.executors} executing processes x work_mem${use.hashMemMultiplier === 1 ? "" : ` x ${use.hashMemMultiplier}`}`,
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
  // A statement may have several sorts, and the page cache is served from what they leave.
  const mostWorkMem = Math.min(memory / 64, 1 * GB);
  const workMem = roundWorkMem(Math.min(left / (executors * hashMemMultiplier), mostWorkMem));

  const items = memoryItems({ ...use, workMem: Math.max(workMem, smallestWorkMem) });
  return { ...use, workMem, items };
}

/** Down to a figure that a person would write: 4 MB steps from 16 MB on, then 1 MB, then 64 kB. */
function roundWorkMem(bytes: number): number {
  return floorTo(bytes >= 16 * MB ? 4 * MB : bytes >= 4 * MB ? MB : 64 * kB, bytes);
}

/** Sizes of the write-ahead log, in bytes. */
export interface WalPlan {
  readonly max: number;
  readonly min: number;
  /** What an absent replica may hold back; past it, the replica must be made anew. */
  readonly slotKeep: number;
}

const segment = 16 * MB;

/** Smallest volumes that the shares below make sense on. */
export const smallestStorage = 1 * GB;
export const smallestWalStorage = 512 * MB;

/**
 * Divides the volume so that neither the checkpoints' WAL nor that of a slot fills the disk.
 * @param input its memory is what the server may use
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

/** Bytes that WAL may take; `undefined` where no size is known. */
function walSpace(input: TuningInput): number | undefined {
  if (input.walStorageSize !== undefined) return (input.walStorageSize * 4) / 5;
  return input.storageSize === undefined ? undefined : input.storageSize / 5;
}
