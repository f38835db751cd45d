--! database sark sark_audit
--! login monitor
--! server primary
--! returns wal_bytes, wal_limit_bytes
--! gauge wal_bytes -- WAL on the server.
--! gauge wal_limit_bytes -- WAL that max_wal_size and max_slot_wal_keep_size allow; absent if either has no limit.

-- How much WAL is on the server, and how much do its settings allow?
--
-- More means that something retains WAL that neither limits: failing archiving, or wal_keep_size.

select (select sum(w.size) from pg_catalog.pg_ls_waldir() as w)::float8 as wal_bytes,
       (select case when min(p.setting::bigint) >= 0 then sum(p.setting::bigint) * 1024 * 1024 end
          from pg_catalog.pg_settings as p
         where p.name in ('max_wal_size', 'max_slot_wal_keep_size'))::float8 as wal_limit_bytes;
