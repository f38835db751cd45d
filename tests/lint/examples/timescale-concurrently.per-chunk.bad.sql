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
create index readings_sensor_idx on public.readings (sensor) with (timescaledb.transaction_per_chunk); -- refused
