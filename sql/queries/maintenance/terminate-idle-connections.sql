--! database sark sark_audit
--! login maintain
--! changes
--! param older_than interval = 10 minutes -- how long a connection has to be idle
--! returns pid, login, application, idle_seconds, terminated

-- Which connections were idle for long, and are they gone now?
--
-- Ends them. Those in a transaction are not idle, and stay: idle_in_transaction_session_timeout ends those. A pool makes
-- new ones when it needs them; if they come back by themselves, the pool is too large. Those of superusers stay.

select a.pid, a.usename as login, a.application_name as application,
       pg_catalog.round(extract(epoch from pg_catalog.now() - a.state_change), 1) as idle_seconds,
       pg_catalog.pg_terminate_backend(a.pid) as terminated
  from pg_catalog.pg_stat_activity as a
  join pg_catalog.pg_roles as r on r.oid = a.usesysid and not r.rolsuper
 where a.datname = pg_catalog.current_database()
   and a.backend_type = 'client backend'
   and a.pid <> pg_catalog.pg_backend_pid()
   and a.state = 'idle'
   and pg_catalog.now() - a.state_change > :older_than
 order by a.state_change;
