import { majorVersions, parameterFacts } from "../parameters";
import type { Problem } from "../../text/problem";
import { MB, inMegabytes } from "./bytes";
import type { TuningInput } from "./tuning-input";
import { planMachine, smallestWorkMem } from "./machine-plan";
import { smallestStorage, smallestWalStorage } from "./machine-plan";

/** `superuser_reserved_connections`: what is left for repairs when the application has taken the rest. */
export const superuserReserved = 3;

/** Everything wrong with an input, the size of the machine last; empty when {@link tune} takes it. */
export function tuningProblems(input: TuningInput): readonly Problem[] {
  const wrong = shapeProblems(input);
  if (wrong.length > 0 || fits(input)) return wrong;
  return [tooSmall(input)];
}

function shapeProblems(input: TuningInput): readonly Problem[] {
  if (!majorVersions.includes(input.majorVersion)) {
    const allowed = majorVersions.join(", ");
    const why = "the limits of no other version's parameters are known";
    return [{ key: "majorVersion", value: input.majorVersion, allowed, why }];
  }
  const limit = (name: string): number => parameterFacts(input.majorVersion, name).max ?? Infinity;
  const { databases = 1, hypertables = 0 } = input.timescale ?? {};
  const checks: readonly Check[] = [
    [
      "maxConnections",
      input.maxConnections,
      [superuserReserved + 1, limit("max_connections")],
      `the server keeps ${superuserReserved} connections for superusers and needs one more to start`,
    ],
    [
      "vcpus",
      input.vcpus,
      [0.01, limit("max_parallel_workers")],
      "the server's workers are counted from processors",
      "part",
    ],
    ["memory", input.memory, [1, 2 ** 50], "it is a size in bytes"],
    [
      "reservedMemory",
      input.reservedMemory,
      [0, input.memory],
      "it is a part of the memory, in bytes",
    ],
    [
      "storageSize",
      input.storageSize,
      [smallestStorage, 2 ** 50],
      "a fifth of the volume must hold several WAL segments; it is a size in bytes",
    ],
    [
      "walStorageSize",
      input.walStorageSize,
      [smallestWalStorage, 2 ** 50],
      "the volume must hold several WAL segments; it is a size in bytes",
    ],
    ["timescale.databases", databases, [1, 100], "each database has a scheduler"],
    ["timescale.hypertables", hypertables, [0, 200], "each hypertable has jobs of its own"],
  ];
  return checks.flatMap(checkNumber);
}

type Check = readonly [
  key: string,
  value: number | undefined,
  range: readonly [number, number],
  why: string,
  part?: "part",
];

function checkNumber([key, value, [low, high], why, part]: Check): readonly Problem[] {
  if (value === undefined) return [];
  if (value >= low && value <= high && (part === "part" || Number.isInteger(value))) return [];
  const kind = part === "part" ? "a number" : "a whole number";
  return [{ key, value, allowed: `${kind} from ${low} to ${high}`, why }];
}

/** Whether the connections fit into the memory with the smallest `work_mem`. */
export function fits(input: TuningInput): boolean {
  return planMachine(input).memory.workMem >= smallestWorkMem;
}

/** The sum at its smallest, with the two ways out of it. */
function tooSmall(input: TuningInput): Problem {
  const { items } = planMachine(input).memory;
  const sum = items.map(({ what, bytes }) => `${what} ${inMegabytes(bytes)}`).join(" + ");
  const total = items.reduce((all, { bytes }) => all + bytes, 0);
  const reserved = input.reservedMemory ?? 0;
  const memory = smallestMemory(input);
  const connections = largestConnections(input);
  const fewer =
    connections === undefined
      ? ""
      : `, or at most ${connections} connections in ${inMegabytes(input.memory)}`;
  return {
    key: "memory",
    value: `${inMegabytes(input.memory)} for ${input.maxConnections} connections`,
    allowed: `at least ${inMegabytes(memory)} for ${input.maxConnections} connections${fewer}`,
    why:
      `with the smallest work_mem of 1 MB a server of this size may need ${sum} = ${inMegabytes(total)}` +
      (reserved > 0 ? `, and ${inMegabytes(reserved)} are reserved for other programs` : "") +
      "; past its memory the system kills it",
  };
}

/** Smallest memory, in whole megabytes, that the connections fit into. */
function smallestMemory(input: TuningInput): number {
  const least = search(1, 2 ** 30, (megabytes) => fits({ ...input, memory: megabytes * MB }));
  return (least ?? 2 ** 30) * MB;
}

/** Most connections that the memory holds; `undefined` when it holds none. */
export function largestConnections(input: TuningInput): number | undefined {
  const low = superuserReserved + 1;
  const tooMany = search(low, input.maxConnections, (n) => !fits({ ...input, maxConnections: n }));
  return tooMany === undefined || tooMany === low ? undefined : tooMany - 1;
}

/** The least number of a range that satisfies a test, which from there on holds. */
function search(low: number, high: number, test: (n: number) => boolean): number | undefined {
  if (!test(high)) return undefined;
  let [no, yes] = [low - 1, high];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (test(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
