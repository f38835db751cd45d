import type { Problem } from "../../text/problem";
import { MB, formatMegabytes, smallestPassing } from "./bytes";
import type { TuningInput } from "./tuning-input";
import { planMachine, smallestWorkMem } from "./machine-plan";
import { smallestStorage, smallestWalStorage } from "./machine-plan";

/** `superuser_reserved_connections`: kept for repairs when the application uses all others. */
export const superuserReserved = 3;

/** Problems of an input, machine size last; empty when {@link tune} can use it. */
export function tuningProblems(input: TuningInput): readonly Problem[] {
  const wrong = sizeProblems(input);
  if (wrong.length > 0 || fitsMemory(input)) return wrong;
  return [tooSmall(input)];
}

/** Impossible sizes; everything else is already validated with the settings. */
function sizeProblems({ memory, storageSize, walStorageSize }: TuningInput): readonly Problem[] {
  const check = (key: string, value: number | undefined, least: number, why: string): Problem[] => {
    if (value === undefined || (value >= least && value <= MAX_SIZE)) return [];
    return [{ key, value, allowed: `a whole number from ${least} to ${MAX_SIZE}`, why }];
  };
  return [
    ...check("memory", memory, 1, "it is a size in bytes"),
    ...check(
      "storageSize",
      storageSize,
      smallestStorage,
      "WAL gets a fifth of the volume, which must hold several segments; the size is in bytes",
    ),
    ...check(
      "walStorageSize",
      walStorageSize,
      smallestWalStorage,
      "the volume must hold several WAL segments; the size is in bytes",
    ),
  ];
}

const MAX_SIZE = 2 ** 50;

/** Whether the connections fit into memory with the smallest `work_mem`. */
export function fitsMemory(input: TuningInput): boolean {
  return planMachine(input).memory.workMem >= smallestWorkMem;
}

/** Reports a machine that is too small, with the memory sum and both remedies. */
function tooSmall(input: TuningInput): Problem {
  const { items } = planMachine(input).memory;
  const sum = items.map(({ name, bytes }) => `${name} ${formatMegabytes(bytes)}`).join(" + ");
  const total = items.reduce((all, { bytes }) => all + bytes, 0);
  const reserved = input.reservedMemory ?? 0;
  const memory = smallestMemory(input);
  const connections = largestConnections(input);
  const fewer =
    connections === undefined
      ? ""
      : `, or at most ${connections} connections in ${formatMegabytes(input.memory)}`;
  return {
    key: "memory",
    value: `${formatMegabytes(input.memory)} for ${input.maxConnections} connections`,
    allowed: `at least ${formatMegabytes(memory)} for ${input.maxConnections} connections${fewer}`,
    why:
      `with the smallest work_mem of 1 MB the server may need ${sum} = ${formatMegabytes(total)}` +
      (reserved > 0 ? `, and ${formatMegabytes(reserved)} are reserved for other programs` : "") +
      "; beyond its memory, the OOM killer ends it",
  };
}

/** Smallest memory, in whole megabytes, that fits the connections. */
function smallestMemory(input: TuningInput): number {
  const least = smallestPassing(1, 2 ** 30, (megabytes) =>
    fitsMemory({ ...input, memory: megabytes * MB }),
  );
  return (least ?? 2 ** 30) * MB;
}

/** Most connections that fit into memory; undefined when none fit. */
export function largestConnections(input: TuningInput): number | undefined {
  const low = superuserReserved + 1;
  const tooMany = smallestPassing(
    low,
    input.maxConnections,
    (n) => !fitsMemory({ ...input, maxConnections: n }),
  );
  return tooMany === undefined || tooMany === low ? undefined : tooMany - 1;
}
