--! database sark_audit
--! login monitor
--! returns relation, kept_for, oldest, job_id, runs_every, next_start

-- How long is each hypertable and aggregate kept, and what is the oldest in it?
--
-- oldest is the start of the oldest chunk: it may be older than kept_for by the length of one chunk and one run.

select coalesce(v.view_name, j.hypertable_name) as relation,
       j.config ->> 'drop_after' as kept_for,
       (select min(c.range_start) from timescaledb_information.chunks as c
         where c.hypertable_schema = coalesce(v.materialization_hypertable_schema, j.hypertable_schema)
           and c.hypertable_name = coalesce(v.materialization_hypertable_name, j.hypertable_name)) as oldest,
       j.job_id, j.schedule_interval as runs_every, j.next_start
  from timescaledb_information.jobs as j
  left join timescaledb_information.continuous_aggregates as v
    on j.hypertable_name in (v.view_name, v.materialization_hypertable_name)
 where j.proc_name = 'policy_retention'
 order by 1;
