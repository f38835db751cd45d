--! database sark_audit
--! login monitor
--! server primary
--! returns aggregate, aggregate_age_seconds
--! gauge aggregate_age_seconds -- Seconds since a continuous aggregate was refreshed; of one that never was, since its server started.

-- How long ago was each continuous aggregate refreshed?
--
-- aggregates shows their policies.

select v.view_name as aggregate,
       extract(epoch from pg_catalog.now()
         - greatest(s.last_successful_finish, pg_catalog.pg_postmaster_start_time()))::float8 as aggregate_age_seconds
  from timescaledb_information.continuous_aggregates as v
  join timescaledb_information.jobs as j
    on j.proc_name = 'policy_refresh_continuous_aggregate'
   and j.hypertable_name in (v.view_name, v.materialization_hypertable_name)
  left join timescaledb_information.job_stats as s on s.job_id = j.job_id
 where v.view_schema = 'public';
