import type { TuningInput } from "../../components/parameters/formulas/tune";
import { type MemoryItem, planMachine } from "../../components/parameters/formulas/machine-plan";

/** What a tuned server may need at its worst, item by item; the sum is at most its memory. In bytes. */
export function memorySum(input: TuningInput): readonly MemoryItem[] {
  return planMachine(input).memory.items;
}
