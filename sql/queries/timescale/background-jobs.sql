--! database sark_audit
--! login monitor
--! returns job_id, what, relation, runs_every, last_status, last_started, last_took, failures, next_start

-- Which jobs does TimescaleDB run, and did they succeed?
--
-- A job whose next_start is in the past does not run: too few background workers, or none as in the embedded server. By
-- hand, as the owner: call public.run_job(job_id).

select j.job_id, j.proc_name as what, coalesce(v.view_name, j.hypertable_name) as relation,
       j.schedule_interval as runs_every, s.last_run_status as last_status, s.last_run_started_at as last_started,
       s.last_run_duration as last_took, s.total_failures as failures, j.next_start
  from timescaledb_information.jobs as j
  left join timescaledb_information.job_stats as s on s.job_id = j.job_id
  left join timescaledb_information.continuous_aggregates as v
    on j.hypertable_name in (v.view_name, v.materialization_hypertable_name)
 order by j.job_id;
