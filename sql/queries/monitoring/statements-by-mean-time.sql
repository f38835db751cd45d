--! database sark sark_audit
--! login monitor
--! extension pg_stat_statements
--! param slower_than_ms integer = 100 -- mean time of a call, in milliseconds
--! param more_calls_than integer = 100 -- a statement that runs once a day is a report, and may take its time
--! param rows integer = 20 -- so many statements
--! returns mean_ms, deviation_ms, calls, login, query

-- Which statements are slow each time, and often?
--
-- A deviation larger than the mean says that some values are fast and others slow: skewed data, or a lock waited for.

select pg_catalog.round(s.mean_exec_time::numeric, 2) as mean_ms,
       pg_catalog.round(s.stddev_exec_time::numeric, 2) as deviation_ms,
       s.calls,
       pg_catalog.pg_get_userbyid(s.userid) as login,
       s.query
  from public.pg_stat_statements as s
  join pg_catalog.pg_database as d on d.oid = s.dbid
 where d.datname = pg_catalog.current_database()
   and s.mean_exec_time > :slower_than_ms
   and s.calls > :more_calls_than
 order by s.mean_exec_time desc
 limit :rows;
