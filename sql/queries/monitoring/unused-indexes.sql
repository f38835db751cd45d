--! database sark
--! login monitor
--! returns table_name, index_name, size, bytes, counted_since

-- Which indexes did no query use?
--
-- Each costs every write of its table. Before one is dropped: were the statistics counted for long enough to have a
-- month's end in them, is it unused on the replica too, which counts for itself, and does no foreign key need it? Unique
-- ones are not listed: they are there for what they refuse.

select i.relname as table_name, i.indexrelname as index_name,
       pg_catalog.pg_size_pretty(s.bytes) as size, s.bytes,
       (select d.stats_reset from pg_catalog.pg_stat_database as d
         where d.datname = pg_catalog.current_database()) as counted_since
  from pg_catalog.pg_stat_user_indexes as i
  join pg_catalog.pg_index as x on x.indexrelid = i.indexrelid
 cross join lateral (select pg_catalog.pg_relation_size(i.indexrelid) as bytes) as s
 where i.schemaname = 'public'
   and i.idx_scan = 0
   and not x.indisunique
   and not x.indisexclusion
 order by s.bytes desc, i.indexrelname;
