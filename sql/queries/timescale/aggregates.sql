--! database sark_audit
--! login monitor
--! returns aggregate, real_time, reaches_back, leaves_out, runs_every, last_success, last_status, failures, next_start

-- How fresh are the continuous aggregates?
--
-- Events that come later than reaches_back are never counted. The last hours, leaves_out, are added from the source
-- where real_time is true. No success since more than runs_every means dashboards that get slower hour by hour.

select v.view_name as aggregate, not v.materialized_only as real_time,
       j.config ->> 'start_offset' as reaches_back, j.config ->> 'end_offset' as leaves_out,
       j.schedule_interval as runs_every,
       s.last_successful_finish as last_success, s.last_run_status as last_status, s.total_failures as failures,
       j.next_start
  from timescaledb_information.continuous_aggregates as v
  left join timescaledb_information.jobs as j
    on j.proc_name = 'policy_refresh_continuous_aggregate'
   and j.hypertable_name in (v.view_name, v.materialization_hypertable_name)
  left join timescaledb_information.job_stats as s on s.job_id = j.job_id
 where v.view_schema = 'public'
 order by 1;
