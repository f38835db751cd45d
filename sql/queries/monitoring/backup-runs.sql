--! database sark sark_audit
--! login monitor
--! param count integer = 20 -- Number of runs.
--! returns kind, started_at, took, succeeded, size, target_time, report

-- Which backups, dumps and restore drills ran lately, and how did they end?
--
-- The report of a failed run has the reason, and that of a restore drill its checks.

select r.kind, r.started_at, r.finished_at - r.started_at as took, r.succeeded,
       pg_catalog.pg_size_pretty(r.bytes) as size, r.target_time, r.report
  from public.backup_runs as r
 order by r.finished_at desc, r.id desc
 limit :count;
