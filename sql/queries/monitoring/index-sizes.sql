--! database sark
--! login monitor
--! returns table_name, index_name, size, scans, entries_read, rows_fetched, bytes

-- How large is each index, and how much is it used?
--
-- Largest first. Whether one is bloated its size alone does not say: see reindex-candidates. For hypertables, whose
-- indexes are those of their chunks, see hypertable-indexes.

select i.relname as table_name, i.indexrelname as index_name,
       pg_catalog.pg_size_pretty(s.bytes) as size,
       i.idx_scan as scans, i.idx_tup_read as entries_read, i.idx_tup_fetch as rows_fetched,
       s.bytes
  from pg_catalog.pg_stat_user_indexes as i
 cross join lateral (select pg_catalog.pg_relation_size(i.indexrelid) as bytes) as s
 where i.schemaname = 'public'
 order by s.bytes desc, i.indexrelname;
