--! database sark_audit
--! login monitor
--! returns hypertable, chunks, compressed_chunks, total, in_rows, in_indexes, total_bytes

-- How large is each hypertable, and how many chunks has it?
--
-- Compressed parts are counted with what they take now. Thousands of chunks make every query's planning slow: widen the
-- chunk interval, which holds for new chunks.

select h.hypertable_name as hypertable,
       h.num_chunks as chunks,
       (select count(*) from timescaledb_information.chunks as c
         where c.hypertable_schema = h.hypertable_schema and c.hypertable_name = h.hypertable_name
           and c.is_compressed) as compressed_chunks,
       pg_catalog.pg_size_pretty(s.total_bytes) as total,
       pg_catalog.pg_size_pretty(s.total_bytes - s.index_bytes) as in_rows,
       pg_catalog.pg_size_pretty(s.index_bytes) as in_indexes,
       s.total_bytes
  from timescaledb_information.hypertables as h
 cross join lateral public.hypertable_detailed_size(
   pg_catalog.format('%I.%I', h.hypertable_schema, h.hypertable_name)::pg_catalog.regclass
 ) as s
 order by s.total_bytes desc nulls last, 1;
