--! database sark sark_audit
--! login monitor
--! server primary
--! returns replicas_streaming, replica_lag_bytes, slots_inactive, slots_lost, slot_retained_bytes, slot_limit_bytes
--! gauge replicas_streaming -- Replicas that stream from this server.
--! gauge replica_lag_bytes -- WAL that the slowest replica has not replayed.
--! gauge slots_inactive -- Replication slots that nobody reads.
--! gauge slots_lost -- Replication slots whose WAL is gone.
--! gauge slot_retained_bytes -- WAL that the slowest replication slot retains.
--! gauge slot_limit_bytes -- WAL that a replication slot may retain; absent without a limit.

-- How far are the replicas, and how much WAL do replication slots retain?
--
-- See replication-slots for each of them.

select (select count(*) from pg_catalog.pg_stat_replication as r where r.state = 'streaming') as replicas_streaming,
       (select coalesce(max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn)), 0)
          from pg_catalog.pg_stat_replication as r where r.state = 'streaming')::float8 as replica_lag_bytes,
       count(*) filter (where not s.active) as slots_inactive,
       count(*) filter (where s.wal_status = 'lost') as slots_lost,
       coalesce(max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn)), 0)::float8
         as slot_retained_bytes,
       (select p.setting::float8 * 1024 * 1024 from pg_catalog.pg_settings as p
         where p.name = 'max_slot_wal_keep_size' and p.setting <> '-1') as slot_limit_bytes
  from pg_catalog.pg_replication_slots as s;
