--! database sark sark_audit
--! login monitor
--! returns sessions, session_limit, sessions_blocked, lock_wait_seconds, statements_over_30s, transaction_seconds
--! gauge sessions -- Sessions of clients on the server, without the one that asks.
--! gauge session_limit -- Sessions that clients other than superusers can open.
--! gauge sessions_blocked -- Sessions in this database that wait for a lock.
--! gauge lock_wait_seconds -- Longest current wait for a lock in this database.
--! gauge statements_over_30s -- Statements in this database that have run for more than 30 seconds, without maintenance.
--! gauge transaction_seconds -- Age of the oldest open transaction in this database, without maintenance.

-- How many sessions are there, and for how long do they run, wait and stay in a transaction?
--
-- For the sessions themselves, see connection-use, blocked-sessions and long-running-sessions. The jobs of the
-- maintenance login may take hours, so they do not count as long.

select count(*) filter (where a.backend_type = 'client backend' and a.pid <> pg_catalog.pg_backend_pid()) as sessions,
       (select max(s.setting::integer) filter (where s.name = 'max_connections')
               - sum(s.setting::integer) filter (where s.name <> 'max_connections')
          from pg_catalog.pg_settings as s
         where s.name in ('max_connections', 'superuser_reserved_connections', 'reserved_connections')) as session_limit,
       count(*) filter (where own.here and a.wait_event_type = 'Lock') as sessions_blocked,
       coalesce((select extract(epoch from pg_catalog.clock_timestamp() - min(k.waitstart))
                   from pg_catalog.pg_locks as k
                   join pg_catalog.pg_stat_activity as w on w.pid = k.pid
                  where not k.granted and w.datname = pg_catalog.current_database()), 0)::float8 as lock_wait_seconds,
       count(*) filter (where own.here and not own.maintains and a.state = 'active'
                          and a.query_start < pg_catalog.clock_timestamp() - interval '30 seconds') as statements_over_30s,
       coalesce(extract(epoch from pg_catalog.clock_timestamp() - min(a.xact_start) filter (where own.here and not own.maintains)), 0)::float8
         as transaction_seconds
  from pg_catalog.pg_stat_activity as a
 cross join lateral (
   select a.datname = pg_catalog.current_database() and a.backend_type = 'client backend'
          and a.pid <> pg_catalog.pg_backend_pid() as here,
          a.usename = pg_catalog.current_database() || '_maintain' as maintains
 ) as own;
