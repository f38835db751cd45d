import { MB, formatMegabytes } from "./formulas/bytes";
import {
  type MemoryItem,
  type MemoryUse,
  maintainerCount,
  memoryItems,
  processCount,
} from "./formulas/machine-plan";
import type { ParameterSet, Workload } from "./formulas/tune";
import { parameterNumber } from "./parameter-number";

/** Machine of a server, and how it is used. */
interface UsedMemory {
  /** Total memory in bytes, including the reserved part. */
  readonly memory: number;
  readonly workload: Workload;
  /** Memory that the home reserves. @default - none */
  readonly reserved?: MemoryItem;
  /** Sessions that execute a statement at once; the others of `max_connections` are idle. @default - all */
  readonly executing?: number;
}

/** Worst-case memory of a server, in bytes. */
export interface MemorySum {
  /** First the memory that the home reserves, otherwise the operating system's. */
  readonly items: readonly MemoryItem[];
  readonly needed: number;
  /** The sum in megabytes, for a message. */
  readonly text: string;
}

/** Worst-case memory of a server with these parameters, including overrides, item by item. */
export function serverMemory(
  parameters: ParameterSet,
  { memory, workload, reserved, executing = Infinity }: UsedMemory,
): MemorySum {
  const use = memoryUse(parameters, memory - (reserved?.bytes ?? 0), workload);
  const idle = Math.max(0, parameterNumber(parameters, "max_connections", 0) - executing);
  const items = [
    ...(reserved ? [reserved] : []),
    ...memoryItems({ ...use, workMem: 0 }),
    ...memoryItems({ ...use, executors: use.executors - idle }).slice(-1),
  ].filter(({ bytes }) => bytes > 0);
  const needed = items.reduce((all, { bytes }) => all + bytes, 0);
  const told = items.map(({ name, bytes }) => `${name} ${formatMegabytes(bytes)}`).join(" + ");
  return { items, needed, text: `${told} = ${formatMegabytes(needed)}` };
}

/**
 * Memory figures of a server, read from its parameters, including overrides.
 * @param memory memory of the server, in bytes
 */
function memoryUse(parameters: ParameterSet, memory: number, workload: Workload): MemoryUse {
  const number = (name: string) => parameterNumber(parameters, name, 0);
  const connections = number("max_connections");
  const sharedBuffers = number("shared_buffers");
  const walBuffers = number("wal_buffers");
  const autovacuum = number("autovacuum_max_workers");
  const maintenance = number("maintenance_work_mem");
  const perVacuum = number("autovacuum_work_mem");
  const timescale = workload === "oltp" ? 0 : number("timescaledb.max_background_workers");
  return {
    memory,
    sharedBuffers,
    walBuffers: walBuffers < 0 ? Math.min(16 * MB, sharedBuffers / 32) : walBuffers,
    locks: number("max_locks_per_transaction"),
    executors: connections + number("max_parallel_workers") + timescale,
    processes: processCount(connections, { processes: number("max_worker_processes"), autovacuum }),
    autovacuumWorkers: autovacuum,
    maintainers: maintainerCount(workload),
    maintenanceWorkMem: maintenance,
    autovacuumWorkMem: perVacuum < 0 ? maintenance : perVacuum,
    workMem: number("work_mem"),
    hashMemMultiplier: number("hash_mem_multiplier"),
  };
}
