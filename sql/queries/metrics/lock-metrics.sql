--! database sark sark_audit
--! login monitor
--! returns locks, lock_limit
--! gauge locks -- Locks in the shared lock table.
--! gauge lock_limit -- Locks for which the shared lock table is sized.

-- How full is the shared lock table?
--
-- locks-by-session shows who fills it. A statement locks every chunk and index that it may touch, and a dump all of them.

select count(*) filter (where not k.fastpath and k.mode <> 'SIReadLock') as locks,
       (select max(s.setting::float8) filter (where s.name = 'max_locks_per_transaction')
               * sum(s.setting::float8) filter (where s.name <> 'max_locks_per_transaction')
          from pg_catalog.pg_settings as s
         where s.name in ('max_locks_per_transaction', 'max_connections', 'max_prepared_transactions')) as lock_limit
  from pg_catalog.pg_locks as k;
