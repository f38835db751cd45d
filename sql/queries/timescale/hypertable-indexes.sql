--! database sark_audit
--! login monitor
--! returns hypertable, index_name, scans, size, bytes

-- How large is each index of a hypertable, over all of its chunks, and how much is it used?
--
-- Least used first. A chunk's index is known by its definition. Compressed chunks have none of them: their rows lie
-- elsewhere. An index without a scan since the statistics were reset costs each insert and helps nobody, unless it is
-- unique.

with definitions as (
  select x.indexrelid, x.indrelid, pg_catalog.substring(pg_catalog.pg_get_indexdef(x.indexrelid), ' USING .*') as how
    from pg_catalog.pg_index as x
)
select h.hypertable_name as hypertable, r.relname as index_name,
       coalesce(sum(s.idx_scan), 0) as scans,
       pg_catalog.pg_size_pretty(coalesce(sum(pg_catalog.pg_relation_size(i.indexrelid)), 0)) as size,
       coalesce(sum(pg_catalog.pg_relation_size(i.indexrelid)), 0) as bytes
  from timescaledb_information.hypertables as h
  join definitions as d
    on d.indrelid = pg_catalog.format('%I.%I', h.hypertable_schema, h.hypertable_name)::pg_catalog.regclass
  join pg_catalog.pg_class as r on r.oid = d.indexrelid
  left join pg_catalog.pg_inherits as c on c.inhparent = d.indrelid
  left join definitions as i on i.indrelid = c.inhrelid and i.how = d.how
  left join pg_catalog.pg_stat_user_indexes as s on s.indexrelid = i.indexrelid
 where h.hypertable_schema = 'public'
 group by 1, 2
 order by 3, 5 desc, 2;
