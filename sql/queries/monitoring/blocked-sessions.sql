--! database sark sark_audit
--! login monitor
--! returns pid, login, waits_seconds, query, blocked_by, blocker_login, blocker_state, blocker_transaction_seconds, blocker_query

-- Who waits for a lock, and who holds it?
--
-- Begin with the blocker that is blocked by nobody. If it is idle in transaction, its query is the last one that it ran,
-- and not necessarily the one that took the lock.

select w.pid, w.usename as login,
       pg_catalog.round(extract(epoch from pg_catalog.now() - l.since), 1) as waits_seconds,
       w.query,
       b.pid as blocked_by, b.usename as blocker_login, b.state as blocker_state,
       pg_catalog.round(extract(epoch from pg_catalog.now() - b.xact_start), 1) as blocker_transaction_seconds,
       b.query as blocker_query
  from pg_catalog.pg_stat_activity as w
 cross join lateral (
   select min(k.waitstart) as since from pg_catalog.pg_locks as k where k.pid = w.pid and not k.granted
 ) as l
 cross join lateral pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) as p (pid)
  join pg_catalog.pg_stat_activity as b on b.pid = p.pid
 where w.datname = pg_catalog.current_database()
   and w.wait_event_type = 'Lock'
 order by l.since, w.pid;
