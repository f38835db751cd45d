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
  timescaledb.compress, timescaledb.compress_segmentby = 'sensor'
);
select public.add_compression_policy('public.readings', compress_after => interval '7 days');
select public.add_retention_policy('public.readings', drop_after => interval '30 days');
