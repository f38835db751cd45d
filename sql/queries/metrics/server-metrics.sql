--! database sark sark_audit
--! login monitor
--! returns server_up, uptime_seconds, parameters_pending_restart
--! gauge server_up -- 1 if the server answers a query.
--! gauge uptime_seconds -- Seconds since the server started.
--! gauge parameters_pending_restart -- Parameters whose new value waits for a restart.

-- Does the server answer, since when, and which changes wait for a restart?
--
-- A parameter that waits for a restart has its old value, whatever the file says: parameters-pending-restart names it.

select 1 as server_up,
       extract(epoch from pg_catalog.now() - pg_catalog.pg_postmaster_start_time())::float8 as uptime_seconds,
       (select count(*) from pg_catalog.pg_settings as s where s.pending_restart) as parameters_pending_restart;
