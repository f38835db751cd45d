--! lock_timeout 2s
--! statement_timeout 60s
-- database: sark_audit
create table public.readings (
  time timestamptz not null,
  sensor uuid not null,
  constraint readings_pkey primary key (time, sensor)
);
comment on table public.readings is 'What sensors read.';
select public.create_hypertable('public.readings', public.by_range('time'), create_default_indexes => false);
alter table public.readings set (
  timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'time desc'
);
call public.add_columnstore_policy('public.readings', after => interval '7 days');
select public.add_retention_policy('public.readings', drop_after => interval '30 days');
-- next file
--! no-transaction
--! lock_timeout 2s
--! statement_timeout 60s
create materialized view public.hourly -- refused
  with (timescaledb.continuous, timescaledb.materialized_only = false)
as
select public.time_bucket(interval '1 hour', time) as hour, count(*) as readings
from public.readings
group by 1
with data;
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
comment on view public.hourly is 'Readings by hour.';
select public.add_continuous_aggregate_policy(
  'public.hourly',
  start_offset => interval '3 days',
  end_offset => interval '1 hour',
  schedule_interval => interval '1 hour'
);
select public.add_retention_policy('public.hourly', drop_after => interval '400 days');
