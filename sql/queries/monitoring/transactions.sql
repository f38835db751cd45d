--! database sark sark_audit
--! login monitor
--! returns commits, rollbacks, rollback_percent, deadlocks, temporary_files, temporary_bytes, counted_since

-- How many transactions were there, and how many went wrong?
--
-- Run it twice for a rate. More than a few per cent of rollbacks are errors that the application should log; a deadlock
-- is two of its transactions that take the same rows in different orders; temporary files want work_mem.

select d.xact_commit as commits, d.xact_rollback as rollbacks,
       pg_catalog.round(100.0 * d.xact_rollback / nullif(d.xact_commit + d.xact_rollback, 0), 2) as rollback_percent,
       d.deadlocks, d.temp_files as temporary_files, d.temp_bytes as temporary_bytes,
       d.stats_reset as counted_since
  from pg_catalog.pg_stat_database as d
 where d.datname = pg_catalog.current_database();
