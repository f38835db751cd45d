--! database sark sark_audit
--! login monitor
--! extension pg_stat_statements
--! param rows integer = 10 -- so many statements
--! returns percent, total_ms, calls, mean_ms, max_ms, rows_each, login, query

-- Which statements does the server spend its time on?
--
-- Where to begin: half the time of the first one is worth more than all of the tenth. Look at its plan with explain
-- (analyze, buffers), change it or its index, reset-statement-statistics, and look again.

select pg_catalog.round((100 * s.total_exec_time / sum(s.total_exec_time) over ())::numeric, 2) as percent,
       pg_catalog.round(s.total_exec_time::numeric, 2) as total_ms,
       s.calls,
       pg_catalog.round(s.mean_exec_time::numeric, 3) as mean_ms,
       pg_catalog.round(s.max_exec_time::numeric, 2) as max_ms,
       pg_catalog.round(s.rows::numeric / nullif(s.calls, 0), 1) as rows_each,
       pg_catalog.pg_get_userbyid(s.userid) as login,
       s.query
  from public.pg_stat_statements as s
  join pg_catalog.pg_database as d on d.oid = s.dbid
 where d.datname = pg_catalog.current_database()
   and s.total_exec_time > 0
 order by s.total_exec_time desc
 limit :rows;
