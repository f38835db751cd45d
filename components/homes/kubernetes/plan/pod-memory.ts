import type { Problem } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/setting-key";
import type { ClusteredDatabase } from "./cluster-stack";
import { settingsGroup } from "../../../settings/plan/database-settings";
import { MB, formatMegabytes } from "../../../parameters/formulas/bytes";
import { serverMemory } from "../../../parameters/memory-use";

/** Parameters that affect memory use. If the settings override one, the computed total no longer holds. */
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
 * Finds servers whose overridden parameters need more memory than the server has. Kubernetes kills a server above its
 * limit, so the sum assumes the worst case for everything at once, like the computed parameters.
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
  // The operating system's share comes first.
  const { items, needed, text } = serverMemory(plan.parameters, { memory, workload });
  if (own.length === 0 || needed <= memory) return [];

  const system = items[0]?.bytes ?? 0;
  // The system's share grows with the memory; the server's need does not.
  const least = Math.ceil((needed - system) / (1 - system / memory) / MB) * MB;
  const given = own.map(([name, value]) => `${name} ${String(value)}`).join(", ");
  return [
    {
      key: settingKey([settingsGroup(database), "size", "memory"]),
      value: `${formatMegabytes(memory)} for ${plan.maxConnections} connections with ${given}`,
      allowed: `at least ${formatMegabytes(least)}, or smaller parameters, or fewer connections`,
      why: `such a server may need ${text}; above its memory limit Kubernetes kills it`,
    },
  ];
}
