import type { TuningInput } from "../../components/lib/tuning";
import { type MemoryItem, planMemory } from "../../components/lib/tuning/memory";
import { planWorkers } from "../../components/lib/tuning/workers";

/** What a tuned server may need at its worst, item by item; the sum is at most its memory. In bytes. */
export function memorySum(input: TuningInput): readonly MemoryItem[] {
  return planMemory(input, planWorkers(input)).items;
}
