import type { TuningInput } from "../../components/parameters/formulas/tune";
import { type MemoryItem, planMachine } from "../../components/parameters/formulas/machine-plan";

/** Maximum memory of a tuned server, item by item, in bytes; the sum is at most its memory. */
export function memorySum(input: TuningInput): readonly MemoryItem[] {
  return planMachine(input).memory.items;
}
