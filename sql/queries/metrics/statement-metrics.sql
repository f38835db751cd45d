--! database sark
--! login monitor
--! extension pg_stat_statements
--! returns queryid, statement_calls_total, statement_seconds_total
--! counter statement_calls_total -- Executions of a statement.
--! counter statement_seconds_total -- Seconds of all executions of a statement.

-- How often and how long did each of the busiest statements run?
--
-- The hundred that took most time, without those of the login that asks. The server keeps no histogram, so no percentile
-- of single executions can be had from it; the share of executions in statements that are fast on average is the nearest
-- figure.

select s.queryid::text as queryid, sum(s.calls) as statement_calls_total,
       sum(s.total_exec_time) / 1000 as statement_seconds_total
  from public.pg_stat_statements as s
 where s.dbid = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database())
   and s.userid <> (select r.oid from pg_catalog.pg_roles as r where r.rolname = current_user)
 group by s.queryid
 order by 3 desc
 limit 100;
