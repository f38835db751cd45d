--! database sark sark_audit
--! login monitor
--! server primary
--! returns archive_enabled, archive_failing, archived_total, archive_failures_total
--! gauge archive_enabled -- 1 if WAL is archived.
--! gauge archive_failing -- 1 if the last attempt to archive WAL failed.
--! counter archived_total -- Archived WAL files.
--! counter archive_failures_total -- Failed attempts to archive a WAL file.

-- Is WAL archived, and did the last attempt succeed?
--
-- While it fails, a restore cannot come closer to now than the last archived file, and the WAL fills the disk.

select (pg_catalog.current_setting('archive_mode') <> 'off')::integer as archive_enabled,
       coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false)::integer as archive_failing,
       a.archived_count as archived_total, a.failed_count as archive_failures_total
  from pg_catalog.pg_stat_archiver as a;
