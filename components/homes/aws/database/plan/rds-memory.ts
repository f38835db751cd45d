import { parameterNumber } from "../../../../parameters/parameter-number";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/settings-problems";
import type { ServerPlan } from "../../../plan/server-plan";
import type { Settings } from "../../../../settings/plan/settings-schema";
import {
  type MemoryItem,
  type ParameterSet,
  memoryItems,
  processCount,
} from "../../../../parameters/formulas/tune";
import { MB, inMegabytes } from "../../../../parameters/formulas/bytes";
import { type InstanceClass, reservedMemory } from "./instance-classes";
import { type Role, plannedParameters } from "./parameter-maps";
import { replicaSessions } from "./replica-parameters";

/**
 * What a server on RDS may need at its worst, item by item, in bytes: what RDS keeps first. The sum has to be at most
 * the memory of its class.
 * @param executing sessions that run a statement at once; the others of `max_connections` are counted as idle
 */
export function serverMemory(
  parameters: ParameterSet,
  { memory }: Pick<InstanceClass, "memory">,
  executing: number,
): readonly MemoryItem[] {
  const number = (name: string, otherwise: number) => parameterNumber(parameters, name, otherwise);
  const reserved = reservedMemory(memory);
  const connections = number("max_connections", 100);
  const parallel = number("max_parallel_workers", 8);
  const autovacuum = number("autovacuum_max_workers", 3);
  const sharedBuffers = number("shared_buffers", 128 * MB);
  const walBuffers = number("wal_buffers", -1);
  const maintenance = number("maintenance_work_mem", 64 * MB);
  const perVacuum = number("autovacuum_work_mem", -1);
  const hashing = number("hash_mem_multiplier", 2);
  const workMem = number("work_mem", 4 * MB);
  const executors = Math.min(connections, executing) + parallel;
  const idle = memoryItems({
    memory: memory - reserved,
    sharedBuffers,
    walBuffers: walBuffers < 0 ? Math.min(16 * MB, sharedBuffers / 32) : walBuffers,
    locks: number("max_locks_per_transaction", 64),
    executors: connections + parallel,
    processes: processCount(connections, {
      processes: number("max_worker_processes", 8),
      autovacuum,
    }),
    autovacuumWorkers: autovacuum,
    maintainers: 1,
    maintenanceWorkMem: maintenance,
    autovacuumWorkMem: perVacuum < 0 ? maintenance : perVacuum,
    workMem: 0,
    hashMemMultiplier: hashing,
  });
  return [
    { what: "what RDS keeps", bytes: reserved },
    ...idle.filter(({ bytes }) => bytes > 0),
    {
      what: `${executors} executing processes x work_mem${hashing === 1 ? "" : ` x ${hashing}`}`,
      bytes: executors * hashing * workMem,
    },
  ];
}

/** A server whose parameters, a stack's own among them, need more memory than its class has. */
export function memoryProblems(
  settings: Settings,
  role: Role,
  machine: InstanceClass,
  primary: ServerPlan,
): readonly Problem[] {
  const executing =
    role === "replica" ? replicaSessions(settings, primary) : primary.maxConnections;
  const items = serverMemory(plannedParameters(settings, role), machine, executing);
  const needed = items.reduce((sum, { bytes }) => sum + bytes, 0);
  if (needed <= machine.memory) return [];
  const sum = items.map(({ what, bytes }) => `${what} ${inMegabytes(bytes)}`).join(" + ");
  const path = role === "primary" ? ["instanceClass"] : ["replica", "instanceClass"];
  return [
    {
      key: settingKey(["sark", "rds", ...path]),
      value: `${machine.name}, ${inMegabytes(machine.memory)} for ${primary.maxConnections} connections with the stack's own parameters`,
      allowed: "a larger class, or smaller parameters, or fewer connections",
      why:
        `the class is too small for the connections: such a server may need ${sum} = ${inMegabytes(needed)}; ` +
        "past its memory the system kills it",
    },
  ];
}
