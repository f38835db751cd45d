--! lock_timeout 2s
--! statement_timeout 60s
-- database: sark_audit
create table public.readings (
  time timestamptz not null,
  sensor uuid not null,
  constraint readings_pkey primary key (sensor) -- refused
) with (tsdb.hypertable, tsdb.partition_column = 'time');
comment on table public.readings is 'What sensors read.';
alter table public.readings set (
  timescaledb.enable_columnstore, timescaledb.segmentby = '', timescaledb.orderby = 'time desc'
);
call public.add_columnstore_policy('public.readings', after => interval '7 days');
select public.add_retention_policy('public.readings', drop_after => interval '30 days');
