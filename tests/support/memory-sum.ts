import type { TuningInput } from "../../components/parameters/formulas/tune";
import { type MemoryItem, planMemory } from "../../components/parameters/formulas/memory";
import { planWorkers } from "../../components/parameters/formulas/workers";

/** What a tuned server may need at its worst, item by item; the sum is at most its memory. In bytes. */
export function memorySum(input: TuningInput): readonly MemoryItem[] {
  return planMemory(input, planWorkers(input)).items;
}
