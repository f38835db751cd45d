--! database sark sark_audit
--! login monitor
--! server replica
--! returns replica_streaming, replica_lag_seconds
--! gauge replica_streaming -- 1 if the replica receives WAL from its primary.
--! gauge replica_lag_seconds -- Age of the last replayed transaction; 0 if all received WAL is replayed.

-- Does the replica receive WAL, and how old is what it has?
--
-- A replica that is not connected has replayed all that it received, so look at both figures.

select (exists (select from pg_catalog.pg_stat_wal_receiver as w where w.status = 'streaming'))::integer
         as replica_streaming,
       case when n.received = n.replayed then 0
            else coalesce(extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()), 0)
       end::float8 as replica_lag_seconds
  from (select pg_catalog.pg_last_wal_receive_lsn() as received, pg_catalog.pg_last_wal_replay_lsn() as replayed) as n;
