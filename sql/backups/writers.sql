-- Where the write-ahead log ends, and how many transactions may be about to commit. It is run before the snapshot of a
-- record; record-statement.sql tells why.
--
-- A transaction is invisible to new snapshots for a moment after its commit record is written, or for longer while it
-- waits for a synchronous replica. It still holds the lock of its id then, and its session is not idle.

with here as materialized (
  select case
           when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
           else pg_catalog.pg_current_wal_insert_lsn()
         end as lsn
)

select h.lsn::text as before, w.writers
  from here as h
 cross join lateral (
   select pg_catalog.count(*)::integer as writers
     from pg_catalog.pg_locks as l
     left join pg_catalog.pg_stat_activity as a on a.pid = l.pid
    where h.lsn is not null
      and l.locktype = 'transactionid'
      and l.mode = 'ExclusiveLock'
      and coalesce(a.state, '') not like 'idle in transaction%'
 ) as w
