--! database sark sark_audit
--! login maintain
--! changes
--! param pid integer -- its process id, as blocked-sessions and long-running-sessions list it
--! returns pid, login, application, state, query, terminated

-- Is this one session gone now?
--
-- Ends it, and rolls back its transaction. Give --database: a process id is of one server. Without a row there is no such
-- session in the database. The session of a superuser is refused.

select a.pid, a.usename as login, a.application_name as application, a.state, a.query,
       pg_catalog.pg_terminate_backend(a.pid) as terminated
  from pg_catalog.pg_stat_activity as a
 where a.datname = pg_catalog.current_database()
   and a.backend_type = 'client backend'
   and a.pid <> pg_catalog.pg_backend_pid()
   and a.pid = :pid;
