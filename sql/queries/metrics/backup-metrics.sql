--! database sark sark_audit
--! login monitor
--! server primary
--! returns kind, backup_success_age_seconds, backup_failing, backup_run_seconds
--! gauge backup_success_age_seconds -- Seconds since the newest success of a kind of run; if none succeeded, since the first run or the server's start.
--! gauge backup_failing -- 1 if the newest run of its kind failed.
--! gauge backup_run_seconds -- Seconds that the newest run of its kind took.

-- When did backups, dumps and restore drills last succeed, and did the newest fail?
--
-- The kinds are base backup, dump and restore drill. One that never ran grows old, too. backup-runs lists the runs.

select k.kind,
       extract(
         epoch from pg_catalog.now() - coalesce(
           pg_catalog.max(r.finished_at) filter (where r.succeeded), pg_catalog.min(r.started_at),
           pg_catalog.pg_postmaster_start_time())
       )::float8 as backup_success_age_seconds,
       coalesce(
         not (pg_catalog.array_agg(r.succeeded order by r.finished_at desc, r.id desc))[1], false
       )::integer as backup_failing,
       coalesce(
         extract(epoch from (pg_catalog.array_agg(r.finished_at - r.started_at order by r.finished_at desc, r.id desc))[1]),
         0
       )::float8 as backup_run_seconds
  from (values ('base backup'), ('dump'), ('restore drill')) as k (kind)
  left join public.backup_runs as r on r.kind = k.kind
 group by k.kind;
