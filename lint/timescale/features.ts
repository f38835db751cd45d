/**
 * The licence of each TimescaleDB function and option. The Apache build has only those of the Apache licence, and
 * refuses calls of the others. Source: TimescaleDB's code. Functions that `src/cross_module_fn.c` passes to the library
 * below `tsl/` have the Timescale licence; an SQL function has the licence of its feature.
 */

import { splitWords } from "../../components/text/words";

/** A feature, in the words of `components/homes/kubernetes/plan/compatibility.json`. */
export type TimescaleFeature =
  | "compression"
  | "continuous aggregates"
  | "retention and refresh policies"
  | "jobs"
  | "gap filling"
  | "moving and merging chunks";

export type Licence = "apache" | TimescaleFeature;

const APACHE_FUNCTIONS = `
  add_dimension approximate_row_count attach_tablespace by_hash by_range
  chunks_detailed_size create_hypertable detach_tablespace detach_tablespaces drop_chunks
  first generate_uuidv7 histogram hypertable_approximate_detailed_size
  hypertable_approximate_size hypertable_detailed_size hypertable_index_size hypertable_size
  last set_adaptive_chunking set_chunk_time_interval set_integer_now_func
  set_number_partitions set_partitioning_interval show_chunks show_tablespaces time_bucket
  timescaledb_post_restore timescaledb_pre_restore to_uuidv7 to_uuidv7_boundary
  uuid_timestamp uuid_timestamp_micros uuid_version`;

const TIMESCALE_FUNCTIONS: Readonly<Record<TimescaleFeature, string>> = {
  compression: `
    add_columnstore_policy add_compression_policy chunk_columnstore_stats
    chunk_compression_stats compress_chunk convert_to_columnstore convert_to_rowstore
    decompress_chunk disable_chunk_skipping enable_chunk_skipping
    hypertable_columnstore_stats hypertable_compression_stats recompress_chunk
    remove_columnstore_policy remove_compression_policy`,
  "continuous aggregates": `
    add_process_hypertable_invalidations_policy cagg_migrate refresh_continuous_aggregate
    remove_process_hypertable_invalidations_policy`,
  "retention and refresh policies": `
    add_continuous_aggregate_policy add_retention_policy remove_continuous_aggregate_policy
    remove_retention_policy`,
  jobs: "add_job alter_job delete_job run_job",
  "gap filling": "interpolate locf time_bucket_gapfill",
  "moving and merging chunks": `
    add_reorder_policy attach_chunk detach_chunk merge_chunks move_chunk
    remove_reorder_policy reorder_chunk split_chunk`,
};

/** Functions by name. All are in the extension's schema, `public` here. */
export const FUNCTIONS: ReadonlyMap<string, Licence> = new Map<string, Licence>([
  ...splitWords(APACHE_FUNCTIONS).map((name) => [name, "apache"] as const),
  ...(Object.entries(TIMESCALE_FUNCTIONS) as [TimescaleFeature, string][]).flatMap(
    ([feature, names]) => splitWords(names).map((name) => [name, feature] as const),
  ),
]);

/** Options in the namespaces `timescaledb` and `tsdb`, by name. */
export const OPTIONS: ReadonlyMap<string, Licence> = new Map<string, Licence>([
  // chunk_interval also applies to continuous aggregates; their option `continuous` carries the licence.
  ...splitWords(
    "hypertable partition_column create_default_indexes transaction_per_chunk chunk_interval",
  ).map((name) => [name, "apache"] as const),
  ...splitWords("continuous create_group_indexes materialized_only").map(
    (name) => [name, "continuous aggregates"] as const,
  ),
  ...splitWords(
    "enable_columnstore segmentby orderby compress compress_segmentby compress_orderby compress_chunk_time_interval",
  ).map((name) => [name, "compression"] as const),
]);

/** Schemas of TimescaleDB's information views, which exist in both builds. */
export const INFORMATION_SCHEMAS = ["timescaledb_information", "timescaledb_experimental"] as const;
