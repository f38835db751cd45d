import type { ServerPlan } from "../../homes/plan/server-plan";
import type { Settings } from "../../settings/plan/settings-stack";
import { chunkIntervals, type ChunkIntervalInput } from "./chunk-interval";
import { HYPERTABLE_FACTS, perHypertable, type PerHypertable } from "./hypertable-facts";
import { ingestRates, type Load } from "./ingest";
import { intervalHours, intervalText } from "./intervals";
import { planWarnings } from "./warnings";

/** What a stack sets on each hypertable: but for the warnings, the inputs of `database:Hypertables`. */
export interface HypertablePlan {
  /** The length of new chunks, such as `6 hours` or `1 day`. Chunks that exist keep theirs. */
  readonly chunkInterval: PerHypertable<string>;
  /** The age at which chunks are dropped, such as `90 days`: the migrations' where the settings say nothing. */
  readonly dropAfter: PerHypertable<string>;
  /** What is doubtful about the settings, a sentence or two each. */
  readonly warnings: readonly string[];
}

export interface HypertablePlanInput {
  readonly load: Load;
  /** Memory of the server in bytes. */
  readonly memory: number;
  /** Rows a second on average, where the settings say it. */
  readonly ingest?: Partial<PerHypertable<number | undefined>>;
  /** Such as `90 days`, where the settings say it. */
  readonly retention?: Partial<PerHypertable<string | undefined>>;
}

/** What to set on the hypertables of a stack. */
export function stackHypertables(
  { audit }: Settings,
  { load, size }: Pick<ServerPlan, "load" | "size">,
): HypertablePlan {
  const { ingest, retention } = audit;
  return planHypertables({ load, memory: size.memory, ingest, retention });
}

/** The same, from what it depends on. */
export function planHypertables(input: HypertablePlanInput): HypertablePlan {
  const { retention = {} } = input;
  const days = perHypertable(
    (table) => intervalHours(retention[table] ?? HYPERTABLE_FACTS[table].migration.dropAfter) / 24,
  );
  const sizing: ChunkIntervalInput = {
    memory: input.memory,
    ingest: ingestRates(input.load, input.ingest),
    retentionDays: days,
  };
  const intervals = chunkIntervals(sizing);
  return {
    chunkInterval: perHypertable((table) => intervalText(intervals[table])),
    dropAfter: perHypertable((table) => intervalText(days[table] * 24)),
    warnings: planWarnings(sizing, intervals),
  };
}
