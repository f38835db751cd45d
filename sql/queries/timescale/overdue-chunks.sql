--! database sark_audit
--! login monitor
--! returns hypertable, chunk, range_end, overdue_for, by

-- Which chunks should have been compressed or dropped, and were not?
--
-- Rows that are overdue for more than a day are jobs that fail or do not run: see background-jobs and failed-jobs. The
-- embedded server runs none by itself; there compress-due-chunks does.

with policies as (
  select j.hypertable_schema, j.hypertable_name,
         case when j.proc_name = 'policy_retention' then 'dropped' else 'compressed' end as overdue_for,
         coalesce(j.config ->> 'drop_after', j.config ->> 'compress_after')::interval as age
    from timescaledb_information.jobs as j
   where j.proc_name in ('policy_retention', 'policy_compression')
)
select c.hypertable_name as hypertable, c.chunk_name as chunk, c.range_end, p.overdue_for,
       pg_catalog.justify_interval(pg_catalog.date_trunc('minute', pg_catalog.now() - p.age - c.range_end)) as by
  from timescaledb_information.chunks as c
  join policies as p on p.hypertable_schema = c.hypertable_schema and p.hypertable_name = c.hypertable_name
 where c.range_end < pg_catalog.now() - p.age
   and (p.overdue_for = 'dropped' or not c.is_compressed)
 order by c.range_end, c.hypertable_name, p.overdue_for;
