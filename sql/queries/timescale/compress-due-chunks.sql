--! database sark_audit
--! login migrate
--! changes
--! timeout 1h
--! returns hypertable, chunk, range_end, compressed

-- Which chunks are past the age at which they are compressed, and are they compressed now?
--
-- Does at once what the compression jobs do: on the embedded server, which has no background workers, and after a job
-- failed. All in one transaction; a chunk that is being written to is waited for.

select c.hypertable_name as hypertable, c.chunk_name as chunk, c.range_end,
       public.compress_chunk(
         pg_catalog.format('%I.%I', c.chunk_schema, c.chunk_name)::pg_catalog.regclass, if_not_compressed => true
       ) is not null as compressed
  from timescaledb_information.chunks as c
  join timescaledb_information.jobs as j
    on j.hypertable_schema = c.hypertable_schema and j.hypertable_name = c.hypertable_name
   and j.proc_name = 'policy_compression'
 where not c.is_compressed
   and c.range_end < pg_catalog.now() - (j.config ->> 'compress_after')::interval
 order by c.range_end, c.hypertable_name;
