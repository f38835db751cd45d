--! database sark sark_audit
--! login monitor
--! returns application, login, state, connections

-- Who holds the connections?
--
-- Through PgBouncer the application's name is what its client said last. One without a name should be given one.

select a.application_name as application, a.usename as login, a.state, count(*) as connections
  from pg_catalog.pg_stat_activity as a
 where a.datname = pg_catalog.current_database()
   and a.backend_type = 'client backend'
 group by 1, 2, 3
 order by 4 desc, 1, 2, 3;
