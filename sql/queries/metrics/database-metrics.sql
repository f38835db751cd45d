--! database sark sark_audit
--! login monitor
--! returns commits_total, rollbacks_total, blocks_hit_total, blocks_read_total, deadlocks_total, temporary_bytes_total, database_bytes
--! counter commits_total -- Committed transactions.
--! counter rollbacks_total -- Rolled back transactions.
--! counter blocks_hit_total -- Pages found in shared_buffers.
--! counter blocks_read_total -- Pages read from outside of shared_buffers.
--! counter deadlocks_total -- Deadlocks.
--! counter temporary_bytes_total -- Bytes written to temporary files.
--! gauge database_bytes -- Size of the database.

-- What has this database done since its statistics were reset?
--
-- Of this database alone: an average over all databases of a server would hide it behind idle ones.

select d.xact_commit as commits_total, d.xact_rollback as rollbacks_total,
       d.blks_hit as blocks_hit_total, d.blks_read as blocks_read_total, d.deadlocks as deadlocks_total,
       d.temp_bytes as temporary_bytes_total, pg_catalog.pg_database_size(d.datid) as database_bytes
  from pg_catalog.pg_stat_database as d
 where d.datname = pg_catalog.current_database();
