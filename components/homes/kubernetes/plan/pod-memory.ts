import type { Problem } from "../../../text/problem";
import type { DatabaseName } from "../../../roles/plan/role-plan";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/settings-problems";
import { type Settings, databaseSettings } from "../../../settings/plan/settings-schema";
import {
  type MemoryItem,
  maintainerCount,
  memoryItems,
  processCount,
} from "../../../parameters/formulas/tune";
import { inMegabytes } from "../../../parameters/formulas/bytes";
import { settingsName } from "../../plan/databases-by-home";
import { parameterNumber } from "../../../parameters/parameter-number";

const MB = 2 ** 20;

/** The parameters that memory is needed for. A stack's own value of one makes the computed sum void. */
const MEMORY_PARAMETERS: readonly string[] = [
  "autovacuum_max_workers",
  "autovacuum_work_mem",
  "hash_mem_multiplier",
  "maintenance_work_mem",
  "max_locks_per_transaction",
  "max_parallel_workers",
  "max_worker_processes",
  "shared_buffers",
  "timescaledb.max_background_workers",
  "wal_buffers",
  "work_mem",
];

/**
 * A server whose own parameters need more memory than it has. Past its limit Kubernetes kills a server, so the sum is
 * the one that the computed parameters keep to: everything at its worst, at once.
 */
export function memoryProblems(
  settings: Settings,
  database: DatabaseName,
  plan: ServerPlan,
): readonly Problem[] {
  const described = databaseSettings(settings, database);
  const own = Object.entries(described.parameters).filter(([name]) =>
    MEMORY_PARAMETERS.includes(name.toLowerCase()),
  );
  const { memory } = plan.size;
  const items = memoryNeeded(database, plan);
  const needed = sum(items);
  if (own.length === 0 || needed <= memory) return [];

  const [system, ...rest] = items;
  // The system's part grows with the memory; what the server needs does not.
  const share = (system?.bytes ?? 0) / memory;
  const least = Math.ceil(sum(rest) / (1 - share) / MB) * MB;
  const given = own.map(([name, value]) => `${name} ${String(value)}`).join(", ");
  return [
    {
      key: settingKey([settingsName(database), "size", "memory"]),
      value: `${inMegabytes(memory)} for ${plan.maxConnections} connections with ${given}`,
      allowed: `at least ${inMegabytes(least)}, or smaller parameters, or fewer connections`,
      why:
        `such a server may need ${items.map(({ what, bytes }) => `${what} ${inMegabytes(bytes)}`).join(" + ")}` +
        ` = ${inMegabytes(needed)}; past its memory Kubernetes kills it`,
    },
  ];
}

/** The sum of a server's parameters, item by item, in bytes; the system's part first. */
function memoryNeeded(
  database: DatabaseName,
  { parameters, size, maxConnections }: ServerPlan,
): readonly MemoryItem[] {
  const number = (name: string, otherwise: number) => parameterNumber(parameters, name, otherwise);
  const workload = database === "sark" ? "oltp" : "time-series";
  const autovacuum = number("autovacuum_max_workers", 3);
  const maintenance = number("maintenance_work_mem", 64 * MB);
  const buffers = number("shared_buffers", 128 * MB);
  const perVacuum = number("autovacuum_work_mem", -1);
  const walBuffers = number("wal_buffers", -1);
  const workers = { processes: number("max_worker_processes", 32), autovacuum };
  return memoryItems({
    memory: size.memory,
    sharedBuffers: buffers,
    walBuffers: walBuffers < 0 ? Math.min(16 * MB, buffers / 32) : walBuffers,
    locks: number("max_locks_per_transaction", 64),
    executors:
      maxConnections +
      number("max_parallel_workers", 32) +
      (workload === "oltp" ? 0 : number("timescaledb.max_background_workers", 16)),
    processes: processCount(maxConnections, workers),
    autovacuumWorkers: autovacuum,
    maintainers: maintainerCount({ workload }),
    maintenanceWorkMem: maintenance,
    autovacuumWorkMem: perVacuum < 0 ? maintenance : perVacuum,
    workMem: number("work_mem", 4 * MB),
    hashMemMultiplier: number("hash_mem_multiplier", 2),
  });
}

function sum(items: readonly MemoryItem[]): number {
  return items.reduce((all, { bytes }) => all + bytes, 0);
}
