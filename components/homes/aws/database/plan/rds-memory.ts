import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import { type MemorySum, serverMemory } from "../../../../parameters/memory-use";
import { formatMegabytes } from "../../../../parameters/formulas/bytes";
import { type InstanceClass, reservedMemory } from "./instance-classes";
import { type Role, replicaSessions, serverParameters } from "./replica-parameters";

/** Worst-case memory of a server on RDS. On a replica, only some sessions run a statement at the same time. */
export function rdsMemory(
  database: RdsSpec,
  role: Role,
  { memory }: Pick<InstanceClass, "memory">,
  primary: ServerPlan,
): MemorySum {
  return serverMemory(serverParameters(database, role, primary), {
    memory,
    workload: "oltp",
    reserved: { name: "reserved by RDS", bytes: reservedMemory(memory) },
    executing: role === "replica" ? replicaSessions(primary) : primary.maxConnections,
  });
}

/** The problem of a server whose parameters, including the stack's own, may need more memory than its class has. */
export function memoryProblems(
  database: RdsSpec,
  role: Role,
  machine: InstanceClass,
  primary: ServerPlan,
): readonly Problem[] {
  const { needed, text } = rdsMemory(database, role, machine, primary);
  if (needed <= machine.memory) return [];
  const path = role === "primary" ? ["instanceClass"] : ["replica", "instanceClass"];
  return [
    {
      key: settingKey(["sark", "rds", ...path]),
      value: `${machine.name}, ${formatMegabytes(machine.memory)} for ${primary.maxConnections} connections and the stack's own parameters`,
      allowed: "a larger class, smaller parameters, or fewer connections",
      why:
        `the class is too small for the connections: the server may need ${text}; ` +
        "without memory the kernel kills it",
    },
  ];
}
