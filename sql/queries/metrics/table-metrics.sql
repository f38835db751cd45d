--! database sark
--! login monitor
--! server primary
--! returns table_name, live_rows, dead_rows
--! gauge live_rows -- Rows of a table.
--! gauge dead_rows -- Rows of a table that vacuum has to remove.

-- How many rows of each table are dead?
--
-- The twenty tables with the most. dead-rows says when autovacuum begins with each.

select t.relname as table_name, t.n_live_tup as live_rows, t.n_dead_tup as dead_rows
  from pg_catalog.pg_stat_user_tables as t
 where t.schemaname = 'public'
 order by t.n_dead_tup desc, t.relname
 limit 20;
