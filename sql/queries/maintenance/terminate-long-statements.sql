--! database sark sark_audit
--! login maintain
--! changes
--! param longer_than interval = 5 minutes -- how long a statement has to run
--! returns pid, login, application, runs_seconds, query, terminated

-- Which statements of the application and of reports ran for long, and are they gone now?
--
-- Ends their sessions, and rolls back what they did. The logins of migrations and maintenance are left
-- alone: a vacuum or a dump may take hours, and a migration has a time-out of its own. So are superusers.

select a.pid, a.usename as login, a.application_name as application,
       pg_catalog.round(extract(epoch from pg_catalog.now() - a.query_start), 1) as runs_seconds,
       a.query,
       pg_catalog.pg_terminate_backend(a.pid) as terminated
  from pg_catalog.pg_stat_activity as a
 where a.datname = pg_catalog.current_database()
   and a.backend_type = 'client backend'
   and a.pid <> pg_catalog.pg_backend_pid()
   and a.state = 'active'
   and pg_catalog.now() - a.query_start > :longer_than
   and a.usename <> current_user
   -- True of a superuser for any role.
   and not pg_catalog.pg_has_role(a.usesysid, (pg_catalog.current_database() || '_owner')::name, 'member')
 order by a.query_start;
