--! database sark
--! login monitor
--! returns table_name, rows, changed_rows, changed_percent, analyzed_at

-- Which tables has the planner an old idea of?
--
-- Rows that changed since the last analyze. After a restore or an import nothing was ever analyzed: run analyze-tables.

select s.relname as table_name, s.n_live_tup as rows, s.n_mod_since_analyze as changed_rows,
       pg_catalog.round(100.0 * s.n_mod_since_analyze / nullif(s.n_live_tup, 0), 1) as changed_percent,
       greatest(s.last_analyze, s.last_autoanalyze) as analyzed_at
  from pg_catalog.pg_stat_user_tables as s
 where s.schemaname = 'public'
 order by s.n_mod_since_analyze desc, s.relname;
