--! database sark_audit
--! login monitor
--! param hypertable text = audit_events -- such as policy_evaluations
--! returns chunk, range_start, range_end, status, before, after, saved_percent

-- How much does compression save, chunk by chunk?
--
-- Newest first. A day that saves far less than its neighbours had events of another shape, or few of them.

select s.chunk_name as chunk, c.range_start, c.range_end,
       pg_catalog.lower(s.compression_status) as status,
       pg_catalog.pg_size_pretty(s.before_compression_total_bytes) as before,
       pg_catalog.pg_size_pretty(s.after_compression_total_bytes) as after,
       pg_catalog.round(100 - 100.0 * s.after_compression_total_bytes
                              / nullif(s.before_compression_total_bytes, 0), 2) as saved_percent
  from public.chunk_compression_stats(pg_catalog.format('public.%I', :hypertable)::pg_catalog.regclass) as s
  join timescaledb_information.chunks as c on c.chunk_schema = s.chunk_schema and c.chunk_name = s.chunk_name
 order by c.range_start desc;
