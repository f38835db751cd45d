--! database sark sark_audit
--! login monitor
--! returns slot_name, slot_type, active, wal_status, retained, streams_to, state, lag

-- Which replication slots and replicas are there, and how far behind are they?
--
-- A slot that nobody reads retains WAL up to max_slot_wal_keep_size, and is lost after that. Drop it with
-- pg_drop_replication_slot only if its replica will never come back.

select s.slot_name, s.slot_type, s.active, s.wal_status,
       pg_catalog.pg_size_pretty(pg_catalog.pg_wal_lsn_diff(n.lsn, s.restart_lsn)) as retained,
       coalesce(r.application_name, '') as streams_to, r.state,
       pg_catalog.pg_size_pretty(pg_catalog.pg_wal_lsn_diff(n.lsn, r.replay_lsn)) as lag
  from (select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
                    else pg_catalog.pg_current_wal_lsn() end as lsn) as n
 cross join pg_catalog.pg_replication_slots as s
  left join pg_catalog.pg_stat_replication as r on r.pid = s.active_pid
 order by s.slot_name;
