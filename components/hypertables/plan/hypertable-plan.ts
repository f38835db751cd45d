import type { ServerPlan } from "../../homes/plan/server-plan";
import type { Settings } from "../../settings/plan/settings-stack";
import { chunkIntervals, type ChunkIntervalInput } from "./chunk-interval";
import { HYPERTABLE_FACTS, perHypertable, type PerHypertable } from "./hypertable-facts";
import { ingestRates, type Load } from "./ingest";
import { parseIntervalHours, formatInterval } from "./intervals";
import { hypertableWarnings } from "./hypertable-warnings";

/** Hypertable settings of a stack: the inputs of `database:Hypertables`, and warnings. */
export interface HypertablePlan {
  /** Interval of new chunks, such as `6 hours` or `1 day`. Existing chunks keep theirs. */
  readonly chunkInterval: PerHypertable<string>;
  /** Age at which chunks are dropped, such as `90 days`. Default: the migrations' retention. */
  readonly dropAfter: PerHypertable<string>;
  /** Warnings about the settings, one or two sentences each. */
  readonly warnings: readonly string[];
}

export interface HypertablePlanInput {
  readonly load: Load;
  /** Memory of the server in bytes. */
  readonly memory: number;
  /** Average rows per second, if set. */
  readonly ingest?: Partial<PerHypertable<number | undefined>>;
  /** Retention such as `90 days`, if set. */
  readonly retention?: Partial<PerHypertable<string | undefined>>;
}

/** Plans the hypertables of a stack. */
export function stackHypertables(
  { audit }: Settings,
  { load, size }: Pick<ServerPlan, "load" | "size">,
): HypertablePlan {
  const { ingest, retention } = audit;
  return planHypertables({ load, memory: size.memory, ingest, retention });
}

/** Plans hypertables from load, memory and settings. */
export function planHypertables(input: HypertablePlanInput): HypertablePlan {
  const { retention = {} } = input;
  const days = perHypertable(
    (table) =>
      parseIntervalHours(retention[table] ?? HYPERTABLE_FACTS[table].migration.dropAfter) / 24,
  );
  const sizing: ChunkIntervalInput = {
    memory: input.memory,
    ingest: ingestRates(input.load, input.ingest),
    retentionDays: days,
  };
  const intervals = chunkIntervals(sizing);
  return {
    chunkInterval: perHypertable((table) => formatInterval(intervals[table])),
    dropAfter: perHypertable((table) => formatInterval(days[table] * 24)),
    warnings: hypertableWarnings(sizing, intervals),
  };
}
