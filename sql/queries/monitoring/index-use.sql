--! database sark
--! login monitor
--! returns table_name, index_name, scans, entries_each

-- How often is each index scanned, and how many entries does a scan read?
--
-- A look-up reads one or none, a page its rows. Thousands each are an index that does not narrow enough: a column is
-- missing in it, or the query is a report.

select i.relname as table_name, i.indexrelname as index_name, i.idx_scan as scans,
       pg_catalog.round(i.idx_tup_read::numeric / nullif(i.idx_scan, 0), 2) as entries_each
  from pg_catalog.pg_stat_user_indexes as i
 where i.schemaname = 'public'
 order by i.idx_scan desc, i.indexrelname;
