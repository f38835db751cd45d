import { MB } from "./formulas/bytes";
import { type MemoryUse, maintainerCount, processCount } from "./formulas/machine-plan";
import type { ParameterSet, Workload } from "./formulas/tune";
import { parameterNumber } from "./parameter-number";

/**
 * What a server uses memory for, read from its parameters, a stack's own among them.
 * @param memory of the server, in bytes
 */
export function memoryUse(parameters: ParameterSet, memory: number, workload: Workload): MemoryUse {
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
