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
create index readings_sensor_idx on public.readings (sensor);
create table public.things (
  id uuid not null,
  name text,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
create index things_name_idx on public.things (id, name);
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
create index readings_sensor_time_idx on public.readings (time, sensor desc);
reindex table public.readings;
reindex index public.things_name_idx;
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
drop index public.readings_sensor_idx;
-- next file
--! no-transaction
--! lock_timeout 2s
--! statement_timeout 60s
create index concurrently things_other_idx on public.things (name, id);
