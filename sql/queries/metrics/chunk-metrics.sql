--! database sark_audit
--! login monitor
--! server primary
--! returns hypertable, chunks, chunks_overdue_compression, chunks_overdue_retention
--! gauge chunks -- Chunks of a hypertable.
--! gauge chunks_overdue_compression -- Chunks that should have been compressed a day ago or earlier.
--! gauge chunks_overdue_retention -- Chunks that should have been dropped a day ago or earlier.

-- How many chunks of each hypertable should have been compressed or dropped by now?
--
-- overdue-chunks names them.

select c.hypertable_name as hypertable, count(*) as chunks,
       count(*) filter (where not c.is_compressed and c.range_end < p.compressed_before) as chunks_overdue_compression,
       count(*) filter (where c.range_end < p.dropped_before) as chunks_overdue_retention
  from timescaledb_information.chunks as c
  left join (
    select j.hypertable_schema, j.hypertable_name,
           pg_catalog.now() - interval '1 day' - min((j.config ->> 'compress_after')::interval) as compressed_before,
           pg_catalog.now() - interval '1 day' - min((j.config ->> 'drop_after')::interval) as dropped_before
      from timescaledb_information.jobs as j
     where j.proc_name in ('policy_retention', 'policy_compression')
     group by j.hypertable_schema, j.hypertable_name
  ) as p on p.hypertable_schema = c.hypertable_schema and p.hypertable_name = c.hypertable_name
 group by c.hypertable_name;
