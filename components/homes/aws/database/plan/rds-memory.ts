import { parameterNumber } from "../../../../parameters/parameter-number";
import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { ServerPlan } from "../../../plan/server-plan";
import type { RdsSpec } from "../../plan/rds-stack";
import {
  type MemoryItem,
  type ParameterSet,
  memoryItems,
} from "../../../../parameters/formulas/tune";
import { memoryUse } from "../../../../parameters/memory-use";
import { inMegabytes } from "../../../../parameters/formulas/bytes";
import { type InstanceClass, reservedMemory } from "./instance-classes";
import { type Role, replicaSessions, serverParameters } from "./replica-parameters";

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
  const reserved = reservedMemory(memory);
  const use = memoryUse(parameters, memory - reserved, "oltp");
  const idle = Math.max(0, parameterNumber(parameters, "max_connections", 0) - executing);
  const items = memoryItems({ ...use, workMem: 0 }).filter(({ bytes }) => bytes > 0);
  const [statements] = memoryItems({ ...use, executors: use.executors - idle }).slice(-1);
  return [
    { what: "what RDS keeps", bytes: reserved },
    ...items,
    ...(statements ? [statements] : []),
  ];
}

/** A server whose parameters, a stack's own among them, need more memory than its class has. */
export function memoryProblems(
  database: RdsSpec,
  role: Role,
  machine: InstanceClass,
  primary: ServerPlan,
): readonly Problem[] {
  const executing = role === "replica" ? replicaSessions(primary) : primary.maxConnections;
  const items = serverMemory(serverParameters(database, role, primary), machine, executing);
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
