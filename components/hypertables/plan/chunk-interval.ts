import {
  AGGREGATE_FIGURES,
  COMPRESS_AFTER_DAYS,
  HYPERTABLE_FIGURES,
  HYPERTABLES,
  type PerHypertable,
} from "./hypertable-figures";
import { roundDown } from "./intervals";

/**
 * Share of the memory that the newest chunks of all hypertables may take. TimescaleDB's own guideline asks it of their
 * indexes (https://www.tigerdata.com/docs/learn/hypertables/sizing-hypertable-chunks): rows go to random places of
 * them, and what does not fit is read back from disk. Here the rows are counted as well, since dashboards read them.
 */
export const MEMORY_SHARE = 0.25;

/** Chunks that a hypertable has at the least, so that rows are kept for a tenth longer than asked at the most. */
const LEAST_CHUNKS = 10;

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
  const hours = (table: keyof PerHypertable<number>): number => {
    const days = input.retentionDays[table];
    const fits =
      (memoryForHypertables(input.memory) * Math.sqrt(days / bytesPerHour(input, table))) / total;
    return roundDown(Math.min(fits, COMPRESS_AFTER_DAYS * 24, (days * 24) / LEAST_CHUNKS));
  };
  return {
    audit_events: hours("audit_events"),
    policy_evaluations: hours("policy_evaluations"),
    siem_events: hours("siem_events"),
  };
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

const AGGREGATE_BYTES = Object.values(AGGREGATE_FIGURES).reduce(
  (sum, { chunkBytes }) => sum + chunkBytes,
  0,
);

function memoryForHypertables(memory: number): number {
  return Math.max(0, memoryForChunks(memory) - AGGREGATE_BYTES);
}

function bytesPerHour({ ingest }: ChunkIntervalInput, table: keyof PerHypertable<number>): number {
  return ingest[table] * HYPERTABLE_FIGURES[table].bytesPerRow * 3600;
}
