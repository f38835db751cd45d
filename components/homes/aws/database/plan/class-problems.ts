import type { Problem } from "../../../../text/problem";
import { settingKey } from "../../../../settings/plan/setting-key";
import { completeSize } from "../../../../settings/plan/database-settings";
import type { RdsSpec } from "../../plan/rds-stack";
import { type TuningInput, fits, largestConnections } from "../../../../parameters/formulas/tune";
import { formatMegabytes } from "../../../../parameters/formulas/bytes";
import {
  type InstanceClass,
  defaultClasses,
  classByName,
  instanceClasses,
  primaryClass,
  reservedMemory,
} from "./instance-classes";
import { suggestion } from "../../../../text/suggestion";

/** Minimum of the setting `connections`. */
const MINIMUM_CONNECTIONS = 10;

/** Problems of classes that RDS does not offer, and of sizes that no class has. */
export function classProblems(database: RdsSpec): readonly Problem[] {
  const { rds, size } = database;
  return [
    ...nameProblems(rds.instanceClass, ["sark", "rds", "instanceClass"]),
    ...nameProblems(rds.replica.instanceClass, ["sark", "rds", "replica", "instanceClass"]),
    ...(rds.instanceClass === undefined ? sizeProblems(database) : []),
    ...(["memory", "vcpus"] as const).flatMap((what) => {
      const asked = size?.[what];
      const machine = classByName(rds.instanceClass ?? "");
      if (asked === undefined || machine === undefined || machine[what] >= asked) return [];
      return [
        {
          key: settingKey(["sark", "rds", "instanceClass"]),
          value: `${machine.name}, which has ${sizeText(machine)}`,
          allowed: `a class with sark.size.${what} (${what === "memory" ? formatMegabytes(asked) : asked}) or more, or no sark.size.${what}`,
          why: "the class decides memory and vCPUs, and the size asks for more",
        },
      ];
    }),
  ];
}

/**
 * Turns the problem of a machine with too little memory into one of its class.
 * @param problem problem found by the tuning, with the arithmetic
 * @param key path of the setting that names the class
 */
export function classTooSmall(
  problem: Problem,
  input: TuningInput,
  machine: InstanceClass,
  key: readonly string[],
): Problem {
  const larger = defaultClasses().find(({ memory, vcpus }) =>
    fits({ ...input, memory, vcpus, reservedMemory: reservedMemory(memory) }),
  );
  const most = largestConnections(input) ?? 0;
  const alternatives = [
    ...(larger ? [`${larger.name} or larger`] : []),
    ...(most >= MINIMUM_CONNECTIONS ? [`at most ${most} connections`] : []),
  ];
  return {
    key: settingKey(key),
    value: `${machine.name}, ${problem.value}`,
    allowed: alternatives.join(", or "),
    why: `the class is too small for the connections: ${problem.why}`,
  };
}

function nameProblems(name: string | undefined, path: readonly string[]): readonly Problem[] {
  if (name === undefined || classByName(name)) return [];
  const near = suggestion(
    name,
    instanceClasses.map((each) => each.name),
  );
  return [
    {
      key: settingKey(path),
      value: name,
      allowed: `a class that RDS for PostgreSQL offers${near === undefined ? "" : `; did you mean ${near}?`}`,
      why: "its memory, vCPUs and disk limits have to be known to compute the parameters",
    },
  ];
}

/** The problem of a size that exceeds the largest class. */
function sizeProblems(database: RdsSpec): readonly Problem[] {
  if (primaryClass(database)) return [];
  const { memory, vcpus } = completeSize(database.size);
  const largest = defaultClasses().at(-1) ?? instanceClasses.at(-1);
  return [
    {
      key: settingKey(["sark", "size"]),
      value: `${formatMegabytes(memory)} and ${vcpus} vCPUs`,
      allowed: `at most ${largest ? sizeText(largest) : ""}, which ${largest?.name ?? ""} has`,
      why: "RDS for PostgreSQL offers no larger class",
    },
  ];
}

function sizeText({ memory, vcpus }: InstanceClass): string {
  return `${formatMegabytes(memory)} and ${vcpus} vCPUs`;
}
