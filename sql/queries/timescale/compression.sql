--! database sark_audit
--! login monitor
--! returns hypertable, compressed_chunks, chunks, before, after, saved_percent

-- How much does compression save, by hypertable?
--
-- Of the chunks that are compressed. 90 % and more is the goal for audit_events; what leaves less is in docs/schema.md.

select h.hypertable_name as hypertable,
       s.number_compressed_chunks as compressed_chunks, s.total_chunks as chunks,
       pg_catalog.pg_size_pretty(s.before_compression_total_bytes) as before,
       pg_catalog.pg_size_pretty(s.after_compression_total_bytes) as after,
       pg_catalog.round(100 - 100.0 * s.after_compression_total_bytes
                              / nullif(s.before_compression_total_bytes, 0), 2) as saved_percent
  from timescaledb_information.hypertables as h
 cross join lateral public.hypertable_compression_stats(
   pg_catalog.format('%I.%I', h.hypertable_schema, h.hypertable_name)::pg_catalog.regclass
 ) as s
 where h.hypertable_schema = 'public'
   and h.compression_enabled
 order by 1;
