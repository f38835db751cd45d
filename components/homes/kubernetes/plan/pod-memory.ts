import type { Problem } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/setting-key";
import type { ClusteredDatabase } from "./cluster-stack";
import { settingsName } from "../../../settings/plan/database-settings";
import { MB, inMegabytes } from "../../../parameters/formulas/bytes";
import { serverMemory } from "../../../parameters/memory-use";

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
  { database, parameters }: ClusteredDatabase,
  plan: ServerPlan,
): readonly Problem[] {
  const own = Object.entries(parameters).filter(([name]) =>
    MEMORY_PARAMETERS.includes(name.toLowerCase()),
  );
  const { memory } = plan.size;
  const workload = database === "sark" ? "oltp" : "time-series";
  // The system's part comes first.
  const { items, needed, told } = serverMemory(plan.parameters, { memory, workload });
  if (own.length === 0 || needed <= memory) return [];

  const system = items[0]?.bytes ?? 0;
  // The system's part grows with the memory; what the server needs does not.
  const least = Math.ceil((needed - system) / (1 - system / memory) / MB) * MB;
  const given = own.map(([name, value]) => `${name} ${String(value)}`).join(", ");
  return [
    {
      key: settingKey([settingsName(database), "size", "memory"]),
      value: `${inMegabytes(memory)} for ${plan.maxConnections} connections with ${given}`,
      allowed: `at least ${inMegabytes(least)}, or smaller parameters, or fewer connections`,
      why: `such a server may need ${told}; above its memory limit Kubernetes kills it`,
    },
  ];
}
