import {
  AGGREGATE_FACTS,
  type Hypertable,
  HYPERTABLE_FACTS,
  HYPERTABLES,
  perHypertable,
  type PerHypertable,
} from "./hypertable-facts";
import { parseIntervalHours, roundDownHours } from "./intervals";

/**
 * Maximum share of memory for the newest chunks of all hypertables. TimescaleDB's guideline applies it to their indexes
 * (https://www.tigerdata.com/docs/learn/hypertables/sizing-hypertable-chunks): inserts go to random index pages, and
 * pages outside memory are read back from disk. Here the rows are included as well, because dashboards read them.
 */
export const MEMORY_SHARE = 0.25;

/** Minimum number of chunks of a hypertable, so that rows are kept at most a tenth longer than asked. */
const MIN_CHUNKS = 10;

/** Interval of the retention job in the migrations, in hours. */
const RETENTION_JOB_HOURS = 24;

export interface ChunkIntervalInput {
  /** Memory of the server in bytes. */
  readonly memory: number;
  /** Average rows per second. */
  readonly ingest: PerHypertable<number>;
  /** Days after which rows are dropped. */
  readonly retentionDays: PerHypertable<number>;
}

/**
 * Chunk interval of each hypertable in hours, so that all newest chunks fit into a quarter of the memory.
 *
 * Among all ways to divide that quarter, this one gives the fewest chunks: intervals proportional to the square root of
 * retention divided by bytes per second. The result is rounded down to {@link LADDER}. It is at most the compression
 * age and a tenth of the retention, and at least an hour.
 */
export function chunkIntervals(input: ChunkIntervalInput): PerHypertable<number> {
  const total = HYPERTABLES.reduce(
    (sum, table) => sum + Math.sqrt(input.retentionDays[table] * bytesPerHour(input, table)),
    0,
  );
  return perHypertable((table) => {
    const days = input.retentionDays[table];
    const fits =
      (memoryForHypertables(input.memory) * Math.sqrt(days / bytesPerHour(input, table))) / total;
    const compressed = parseIntervalHours(HYPERTABLE_FACTS[table].migration.compressAfter);
    return roundDownHours(Math.min(fits, compressed, (days * 24) / MIN_CHUNKS));
  });
}

/** Size of the full newest chunks of hypertables and aggregates, in bytes. */
export function newestChunksBytes(
  input: ChunkIntervalInput,
  intervals: PerHypertable<number>,
): number {
  return HYPERTABLES.reduce(
    (sum, table) => sum + bytesPerHour(input, table) * intervals[table],
    AGGREGATE_BYTES,
  );
}

/** Memory for all newest chunks, in bytes. */
export function memoryForChunks(memory: number): number {
  return memory * MEMORY_SHARE;
}

/**
 * Maximum number of chunks of a hypertable or aggregate, including compressed ones, each counted once as in
 * `timescaledb_information.hypertables`: chunks within the retention, the newest chunk, and chunks that the daily job
 * has not dropped yet.
 * @param intervalHours chunk interval
 */
export function maxChunks(intervalHours: number, retentionDays: number): number {
  return Math.ceil((retentionDays * 24 + RETENTION_JOB_HOURS) / intervalHours) + 1;
}

const AGGREGATE_BYTES = Object.values(AGGREGATE_FACTS).reduce(
  (sum, { chunkBytes }) => sum + chunkBytes,
  0,
);

function memoryForHypertables(memory: number): number {
  return Math.max(0, memoryForChunks(memory) - AGGREGATE_BYTES);
}

function bytesPerHour({ ingest }: ChunkIntervalInput, table: Hypertable): number {
  return ingest[table] * HYPERTABLE_FACTS[table].rows.bytes * 3600;
}
