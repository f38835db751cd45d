--! database sark_audit
--! login monitor
--! param hypertable text = audit_events -- such as policy_evaluations
--! param rows integer = 30 -- so many
--! returns chunk, range_start, range_end, compressed, size, bytes

-- Which chunks has this hypertable, newest first, and how large are they?
--
-- The chunks that are written and their indexes have to fit in a quarter of the memory, all hypertables together.

select c.chunk_name as chunk, c.range_start, c.range_end, c.is_compressed as compressed,
       pg_catalog.pg_size_pretty(s.total_bytes) as size, s.total_bytes as bytes
  from timescaledb_information.chunks as c
  left join public.chunks_detailed_size(pg_catalog.format('public.%I', :hypertable)::pg_catalog.regclass) as s
    on s.chunk_schema = c.chunk_schema and s.chunk_name = c.chunk_name
 where c.hypertable_schema = 'public'
   and c.hypertable_name = :hypertable
 order by c.range_start desc
 limit :rows;
