--! database sark sark_audit
--! login monitor
--! returns state, connections, longest_seconds

-- How many connections are there in each state, and for how long?
--
-- "idle in transaction" for more than seconds is an application that forgot to commit: it holds locks, and vacuum back.
-- Many that are idle are a pool that is too large.

select coalesce(a.state, 'unknown') as state,
       count(*) as connections,
       pg_catalog.round(max(extract(epoch from pg_catalog.now() - a.state_change)), 1) as longest_seconds
  from pg_catalog.pg_stat_activity as a
 where a.datname = pg_catalog.current_database()
   and a.backend_type = 'client backend'
 group by 1
 order by 2 desc, 1;
