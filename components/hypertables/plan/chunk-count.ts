/** The retention job's schedule, as the migrations make it. Hours. */
const RETENTION_EVERY = 24;

/**
 * The most chunks that a hypertable or an aggregate has at a time, compressed ones included, each counted once as in
 * `timescaledb_information.hypertables`: those that reach into the retention, the one that rows go to, and what the
 * daily job has not dropped yet.
 * @param intervalHours length of a chunk
 */
export function mostChunks(intervalHours: number, retentionDays: number): number {
  return Math.ceil((retentionDays * 24 + RETENTION_EVERY) / intervalHours) + 1;
}
