import {
  AGGREGATE_FACTS,
  type Hypertable,
  HYPERTABLE_FACTS,
  HYPERTABLES,
  perHypertable,
  type PerHypertable,
} from "./hypertable-facts";
import { intervalHours, roundDown } from "./intervals";

/**
 * Share of the memory that the newest chunks of all hypertables may take. TimescaleDB's own guideline asks it of their
 * indexes (https://www.tigerdata.com/docs/learn/hypertables/sizing-hypertable-chunks): rows go to random places of
 * them, and what does not fit is read back from disk. Here the rows are counted as well, since dashboards read them.
 */
export const MEMORY_SHARE = 0.25;

/** Chunks that a hypertable has at the least, so that rows are kept for a tenth longer than asked at the most. */
const LEAST_CHUNKS = 10;

/** The retention job's schedule, as the migrations make it. Hours. */
const RETENTION_EVERY = 24;

export interface ChunkIntervalInput {
  /** Memory of the server in bytes. */
  readonly memory: number;
  /** Rows a second on average. */
  readonly ingest: PerHypertable<number>;
  /** Days after which rows are dropped. */
  readonly retentionDays: PerHypertable<number>;
}

/**
 * How long each hypertable's chunks are, in hours, so that all of the newest fit into a quarter of the memory.
 *
 * Of the ways to share that quarter out, this one makes the fewest chunks in all: an interval in proportion to the
 * square root of retention over bytes a second. The result is rounded down to a step of the ladder, is never longer
 * than the age at which chunks are compressed, nor than a tenth of the retention, and never shorter than an hour.
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
    const compressed = intervalHours(HYPERTABLE_FACTS[table].migration.compressAfter);
    return roundDown(Math.min(fits, compressed, (days * 24) / LEAST_CHUNKS));
  });
}

/** Size of the newest chunks when they are full, in bytes: hypertables and aggregates. */
export function newestChunksBytes(
  input: ChunkIntervalInput,
  intervals: PerHypertable<number>,
): number {
  return HYPERTABLES.reduce(
    (sum, table) => sum + bytesPerHour(input, table) * intervals[table],
    AGGREGATE_BYTES,
  );
}

/** What the newest chunks may take together, in bytes. */
export function memoryForChunks(memory: number): number {
  return memory * MEMORY_SHARE;
}

/**
 * The most chunks that a hypertable or an aggregate has at a time, compressed ones included, each counted once as in
 * `timescaledb_information.hypertables`: those that reach into the retention, the one that rows go to, and what the
 * daily job has not dropped yet.
 * @param intervalHours length of a chunk
 */
export function mostChunks(intervalHours: number, retentionDays: number): number {
  return Math.ceil((retentionDays * 24 + RETENTION_EVERY) / intervalHours) + 1;
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
