import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import { type MemorySum, serverMemory } from "../../../../parameters/memory-use";
import { inMegabytes } from "../../../../parameters/formulas/bytes";
import { type InstanceClass, reservedMemory } from "./instance-classes";
import { type Role, replicaSessions, serverParameters } from "./replica-parameters";

/** What a server on RDS may need at its worst. On a replica, only some of its sessions run a statement at once. */
export function rdsMemory(
  database: RdsSpec,
  role: Role,
  { memory }: Pick<InstanceClass, "memory">,
  primary: ServerPlan,
): MemorySum {
  return serverMemory(serverParameters(database, role, primary), {
    memory,
    workload: "oltp",
    reserved: { what: "what RDS keeps", bytes: reservedMemory(memory) },
    executing: role === "replica" ? replicaSessions(primary) : primary.maxConnections,
  });
}

/** A server whose parameters, a stack's own among them, need more memory than its class has. */
export function memoryProblems(
  database: RdsSpec,
  role: Role,
  machine: InstanceClass,
  primary: ServerPlan,
): readonly Problem[] {
  const { needed, told } = rdsMemory(database, role, machine, primary);
  if (needed <= machine.memory) return [];
  const path = role === "primary" ? ["instanceClass"] : ["replica", "instanceClass"];
  return [
    {
      key: settingKey(["sark", "rds", ...path]),
      value: `${machine.name}, ${inMegabytes(machine.memory)} for ${primary.maxConnections} connections with the stack's own parameters`,
      allowed: "a larger class, or smaller parameters, or fewer connections",
      why:
        `the class is too small for the connections: such a server may need ${told}; ` +
        "past its memory the system kills it",
    },
  ];
}
