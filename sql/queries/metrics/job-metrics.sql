--! database sark_audit
--! login monitor
--! server primary
--! returns job_name, job_failing, job_failures_total, job_late_seconds
--! gauge job_failing -- 1 if the last run of a TimescaleDB job failed.
--! counter job_failures_total -- Failed runs of a TimescaleDB job.
--! gauge job_late_seconds -- Seconds by which a TimescaleDB job is late.

-- Which TimescaleDB jobs fail or are late?
--
-- background-jobs shows each job, and failed-jobs its errors.

select j.proc_name || ' ' || j.job_id as job_name,
       coalesce(s.last_run_status = 'Failed', false)::integer as job_failing,
       coalesce(s.total_failures, 0) as job_failures_total,
       -- The next start is minus infinity while a job runs.
       case when pg_catalog.isfinite(j.next_start)
            then greatest(extract(epoch from pg_catalog.now() - j.next_start), 0)
            else 0
       end::float8 as job_late_seconds
  from timescaledb_information.jobs as j
  left join timescaledb_information.job_stats as s on s.job_id = j.job_id
 where j.scheduled and j.job_id >= 1000;
