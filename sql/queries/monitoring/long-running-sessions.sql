--! database sark sark_audit
--! login monitor
--! param older_than interval = 30 seconds -- how long a statement or a transaction has to take to be listed
--! returns pid, login, application, address, state, transaction_seconds, state_seconds, waits_for, query

-- Which sessions are at one thing for long?
--
-- Counted from the start of the transaction: one that is idle in it for an hour keeps vacuum from every row that died
-- since. The goal is none over 30 seconds; terminate-long-statements ends them.

select a.pid, a.usename as login, a.application_name as application, a.client_addr as address, a.state,
       pg_catalog.round(extract(epoch from pg_catalog.now() - a.xact_start), 1) as transaction_seconds,
       pg_catalog.round(extract(epoch from pg_catalog.now() - a.state_change), 1) as state_seconds,
       a.wait_event_type || ': ' || a.wait_event as waits_for,
       a.query
  from pg_catalog.pg_stat_activity as a
 where a.datname = pg_catalog.current_database()
   and a.backend_type = 'client backend'
   and a.state <> 'idle'
   and pg_catalog.now() - coalesce(a.xact_start, a.state_change) > :older_than
 order by coalesce(a.xact_start, a.state_change);
