--! database sark
--! login monitor
--! returns table_name, total, in_rows, in_indexes, rows, total_bytes

-- Which tables are large, and how much of them is indexes?
--
-- in_rows has long values (TOAST) in it, rows is the planner's estimate. Indexes larger than their rows on a table that
-- changes all day point at bloat: see reindex-candidates. For hypertables see hypertable-sizes.

select c.relname as table_name,
       pg_catalog.pg_size_pretty(s.total) as total,
       pg_catalog.pg_size_pretty(s.total - s.indexes) as in_rows,
       pg_catalog.pg_size_pretty(s.indexes) as in_indexes,
       nullif(c.reltuples, -1)::bigint as rows,
       s.total as total_bytes
  from pg_catalog.pg_class as c
 cross join lateral (
   select pg_catalog.pg_total_relation_size(c.oid) as total, pg_catalog.pg_indexes_size(c.oid) as indexes
 ) as s
 where c.relkind in ('r', 'm')
   and c.relnamespace = 'public'::pg_catalog.regnamespace
 order by s.total desc;
