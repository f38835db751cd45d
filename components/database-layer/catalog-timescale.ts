/** The views used here exist since TimescaleDB 2.18. Internal ids are left out or replaced by names. */
const hypertables = `
  select format('hypertable %I.%I', h.hypertable_schema, h.hypertable_name) as object,
         concat_ws(E'\\n',
           (select string_agg(format('chunks by %I every %s', d.column_name,
                                     coalesce(d.time_interval::text, d.integer_interval::text, d.num_partitions::text)),
                              E'\\n' order by d.dimension_number)
              from timescaledb_information.dimensions as d
             where d.hypertable_schema = h.hypertable_schema and d.hypertable_name = h.hypertable_name),
           (select format('columnstore segment by (%s) order by (%s)', s.segmentby, s.orderby)
              from timescaledb_information.hypertable_columnstore_settings as s
             where s.hypertable = format('%I.%I', h.hypertable_schema, h.hypertable_name)::regclass
               and h.compression_enabled)) as line
    from timescaledb_information.hypertables as h
   where h.hypertable_schema !~ '^_timescaledb_'`;

const aggregates = `
  select format('continuous aggregate %I.%I', v.view_schema, v.view_name) as object,
         concat_ws(E'\\n',
           'owner ' || v.view_owner,
           case when v.materialized_only then 'materialized only' else 'materialized and real time' end,
           (select format('chunks by %I every %s', d.column_name, d.time_interval)
              from timescaledb_information.dimensions as d
             where d.hypertable_schema = v.materialization_hypertable_schema
               and d.hypertable_name = v.materialization_hypertable_name),
           case when v.compression_enabled then 'columnstore' end,
           v.view_definition) as line
    from timescaledb_information.continuous_aggregates as v`;

// TimescaleDB's own jobs have ids below 1000.
const jobs = `
  select coalesce(
           (select format('continuous aggregate %I.%I', v.view_schema, v.view_name)
              from timescaledb_information.continuous_aggregates as v
             where (v.materialization_hypertable_schema, v.materialization_hypertable_name)
                     = (j.hypertable_schema, j.hypertable_name)
                or (v.view_schema, v.view_name) = (j.hypertable_schema, j.hypertable_name)),
           case when j.hypertable_name is not null
                then format('hypertable %I.%I', j.hypertable_schema, j.hypertable_name) end,
           format('job %I.%I', j.proc_schema, j.proc_name)) as object,
         concat_ws(' ',
           'job', j.proc_name, 'every', j.schedule_interval, 'as', j.owner,
           case when not j.scheduled then 'not scheduled' end,
           case when j.fixed_schedule then 'at fixed times' end,
           'max runtime', j.max_runtime, 'retries', j.max_retries, 'after', j.retry_period,
           'config ' || (j.config - 'hypertable_id' - 'mat_hypertable_id')::text) as line
    from timescaledb_information.jobs as j
   where j.job_id >= 1000
   order by j.proc_name`;

export const TIMESCALE_QUERIES: readonly string[] = [hypertables, aggregates, jobs];
