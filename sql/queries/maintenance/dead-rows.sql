--! database sark
--! login monitor
--! returns table_name, rows, dead_rows, dead_percent, vacuum_from, vacuumed_at

-- Which tables wait for a vacuum?
--
-- Autovacuum begins with a table at vacuum_from dead rows, the table's own settings considered. Far more than that are
-- due to a transaction that is open for long (long-running-sessions), to a replication slot that nobody reads, or to
-- too few workers.

select s.relname as table_name, s.n_live_tup as rows, s.n_dead_tup as dead_rows,
       pg_catalog.round(100.0 * s.n_dead_tup / nullif(s.n_live_tup + s.n_dead_tup, 0), 1) as dead_percent,
       (o.base + o.share * greatest(c.reltuples, 0))::bigint as vacuum_from,
       greatest(s.last_vacuum, s.last_autovacuum) as vacuumed_at
  from pg_catalog.pg_stat_user_tables as s
  join pg_catalog.pg_class as c on c.oid = s.relid
 cross join lateral (
   select coalesce(max(p.option_value) filter (where p.option_name = 'autovacuum_vacuum_threshold'),
                   pg_catalog.current_setting('autovacuum_vacuum_threshold'))::float8 as base,
          coalesce(max(p.option_value) filter (where p.option_name = 'autovacuum_vacuum_scale_factor'),
                   pg_catalog.current_setting('autovacuum_vacuum_scale_factor'))::float8 as share
     from pg_catalog.pg_options_to_table(c.reloptions) as p
 ) as o
 where s.schemaname = 'public'
 order by s.n_dead_tup desc, s.relname;
