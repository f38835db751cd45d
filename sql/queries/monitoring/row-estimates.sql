--! database sark
--! login monitor
--! returns table_name, rows, dead_rows, analyzed_at

-- About how many rows has each table?
--
-- What the server counts along the way, without reading a table. For hypertables see event-estimates.

select s.relname as table_name, s.n_live_tup as rows, s.n_dead_tup as dead_rows,
       greatest(s.last_analyze, s.last_autoanalyze) as analyzed_at
  from pg_catalog.pg_stat_user_tables as s
 where s.schemaname = 'public'
 order by s.n_live_tup desc, s.relname;
