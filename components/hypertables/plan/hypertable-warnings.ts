import {
  type ChunkIntervalInput,
  MEMORY_SHARE,
  memoryForChunks,
  maxChunks,
  newestChunksBytes,
} from "./chunk-interval";
import { AGGREGATE_FACTS, HYPERTABLES, type PerHypertable } from "./hypertable-facts";
import { parseIntervalHours, formatInterval } from "./intervals";

/**
 * Chunks from which to warn. A query plans over all chunks that its time condition does not exclude, and jobs scan all.
 */
const MAX_CHUNKS = 1_000;

/**
 * Warnings about the settings, a sentence or two each: too many chunks, or newest chunks that do not fit into memory.
 * @param intervals in hours
 */
export function hypertableWarnings(
  input: ChunkIntervalInput,
  intervals: PerHypertable<number>,
): readonly string[] {
  return [...tooManyChunks(input, intervals), ...tooLittleMemory(input, intervals)];
}

function tooManyChunks(
  { retentionDays }: ChunkIntervalInput,
  intervals: PerHypertable<number>,
): readonly string[] {
  const counts = [
    ...HYPERTABLES.map((table) => ({
      name: table,
      chunks: maxChunks(intervals[table], retentionDays[table]),
      why: `${retentionDays[table]} days in chunks of ${formatInterval(intervals[table])}`,
    })),
    ...Object.entries(AGGREGATE_FACTS).map(([name, { migration }]) => {
      const { chunkInterval, dropAfter } = migration;
      return {
        name,
        chunks: maxChunks(parseIntervalHours(chunkInterval), parseIntervalHours(dropAfter) / 24),
        why: `${dropAfter} in chunks of ${chunkInterval}`,
      };
    }),
  ];
  const total = counts.reduce((sum, { chunks }) => sum + chunks, 0);
  if (total <= MAX_CHUNKS) return [];
  const list = counts
    .toSorted((a, b) => b.chunks - a.chunks)
    .map(({ name, chunks, why }) => `${name} ${chunks} (${why})`);
  return [
    `sark_audit will have up to ${total} chunks, more than ${MAX_CHUNKS}, and every query without a time condition plans ` +
      `over all of them: ${list.join(", ")}. Chunks are this short so that the newest ones fit into a quarter of the ` +
      `memory: raise sark-databases:audit.size.memory, correct sark-databases:audit.ingest, or shorten ` +
      `sark-databases:audit.retention.`,
  ];
}

function tooLittleMemory(
  input: ChunkIntervalInput,
  intervals: PerHypertable<number>,
): readonly string[] {
  const needed = newestChunksBytes(input, intervals);
  if (needed <= memoryForChunks(input.memory)) return [];
  return [
    `The newest chunks of sark_audit need ${mebibytes(needed)} even at the shortest interval, more than ` +
      `${MEMORY_SHARE * 100} % of the memory (${mebibytes(input.memory)}), so inserts will wait for the disk. Raise ` +
      `sark-databases:audit.size.memory, or correct sark-databases:audit.ingest.`,
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)}MiB`;
}
