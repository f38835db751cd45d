--! database sark sark_audit
--! login monitor
--! returns pid, login, application, state, transaction_seconds, locks, query

-- Which sessions hold the most locks?
--
-- The twenty with the most in the shared lock table. A query of a hypertable without a limit in time locks every chunk,
-- and keeps the locks until its transaction ends.

select a.pid, a.usename as login, a.application_name as application, a.state,
       pg_catalog.round(extract(epoch from pg_catalog.now() - a.xact_start), 1) as transaction_seconds,
       k.locks, a.query
  from (
    select l.pid, count(*) as locks
      from pg_catalog.pg_locks as l
     where not l.fastpath and l.mode <> 'SIReadLock'
     group by l.pid
  ) as k
  join pg_catalog.pg_stat_activity as a on a.pid = k.pid
 order by k.locks desc, a.pid
 limit 20;
