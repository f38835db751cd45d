import type { Problem } from "../../text/problem";
import { MB, inMegabytes, leastWhere } from "./bytes";
import type { TuningInput } from "./tuning-input";
import { planMachine, smallestWorkMem } from "./machine-plan";
import { smallestStorage, smallestWalStorage } from "./machine-plan";

/** `superuser_reserved_connections`: what is left for repairs when the application has taken the rest. */
export const superuserReserved = 3;

/** Everything wrong with an input, the size of the machine last; empty when {@link tune} takes it. */
export function tuningProblems(input: TuningInput): readonly Problem[] {
  const wrong = sizeProblems(input);
  if (wrong.length > 0 || fits(input)) return wrong;
  return [tooSmall(input)];
}

/** Sizes that no server can have; the settings are checked for everything else before. */
function sizeProblems({ memory, storageSize, walStorageSize }: TuningInput): readonly Problem[] {
  const check = (key: string, value: number | undefined, least: number, why: string): Problem[] => {
    if (value === undefined || (value >= least && value <= LARGEST)) return [];
    return [{ key, value, allowed: `a whole number from ${least} to ${LARGEST}`, why }];
  };
  return [
    ...check("memory", memory, 1, "it is a size in bytes"),
    ...check(
      "storageSize",
      storageSize,
      smallestStorage,
      "a fifth of the volume must hold several WAL segments; it is a size in bytes",
    ),
    ...check(
      "walStorageSize",
      walStorageSize,
      smallestWalStorage,
      "the volume must hold several WAL segments; it is a size in bytes",
    ),
  ];
}

const LARGEST = 2 ** 50;

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
  const least = leastWhere(1, 2 ** 30, (megabytes) => fits({ ...input, memory: megabytes * MB }));
  return (least ?? 2 ** 30) * MB;
}

/** Most connections that the memory holds; `undefined` when it holds none. */
export function largestConnections(input: TuningInput): number | undefined {
  const low = superuserReserved + 1;
  const tooMany = leastWhere(
    low,
    input.maxConnections,
    (n) => !fits({ ...input, maxConnections: n }),
  );
  return tooMany === undefined || tooMany === low ? undefined : tooMany - 1;
}
