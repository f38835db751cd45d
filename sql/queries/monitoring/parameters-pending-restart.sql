--! database sark sark_audit
--! login monitor
--! returns name, value_in_force, file, line

-- Which changed parameters wait for a restart?
--
-- The server goes on with value_in_force. On this machine `npm run up` restarts the server itself. On RDS reboot the
-- instance in its maintenance window; on Kubernetes the operator restarts the servers one after another.

select s.name, s.setting as value_in_force, s.sourcefile as file, s.sourceline as line
  from pg_catalog.pg_settings as s
 where s.pending_restart
 order by s.name;
