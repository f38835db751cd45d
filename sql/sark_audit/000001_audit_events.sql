--! lock_timeout 2s
--! statement_timeout 60s

-- What happened, who did it, and to what: the audit trail itself.

create table public.audit_events (
  -- The server's clock, and no login may set it. Not now(): that is when the transaction began, and a client
  -- that keeps one open could date its events back.
  time timestamptz not null default clock_timestamp(),
  event_id uuid not null default gen_random_uuid(),
  event_type text not null,
  user_id uuid,
  resource_type text,
  resource_id text,
  action text,
  status text not null default 'unknown',
  ip_address inet,
  details jsonb not null default '{}',

  constraint audit_events_pkey primary key (time, event_id),
  -- Lengths, but no lists of allowed words: a trail that refuses what it does not know has gaps.
  constraint audit_events_event_type_length check (char_length(event_type) between 1 and 100),
  constraint audit_events_resource_type_length check (char_length(resource_type) <= 100),
  constraint audit_events_resource_id_length check (char_length(resource_id) <= 255),
  constraint audit_events_action_length check (char_length(action) <= 100),
  constraint audit_events_status_length check (char_length(status) <= 50)
);

comment on table public.audit_events is 'The audit trail; append-only.';
comment on column public.audit_events.time is 'When the server took the event in.';
comment on column public.audit_events.user_id is 'users.id in database sark; null for anonymous and for system events.';

-- One chunk a day, 90 in all. The primary key already leads with time, so no further index on it.
select public.create_hypertable(
  'public.audit_events',
  public.by_range('time', interval '1 day'),
  create_default_indexes => false
);

-- Each answers "the latest of ..." for chunks of the last week; older ones are read by column.
create index audit_events_user_id_time_idx on public.audit_events (user_id, time desc);
create index audit_events_event_type_time_idx on public.audit_events (event_type, time desc);
create index audit_events_status_time_idx on public.audit_events (status, time desc);
create index audit_events_resource_time_idx on public.audit_events (resource_type, resource_id, time desc);
create index audit_events_details_idx on public.audit_events using gin (details jsonb_path_ops);

-- Every column but time. This stands before columns are compressed, and has to: afterwards TimescaleDB passes
-- a column privilege on to a table that lacks the column, and fails.
grant insert (
  event_id, event_type, user_id, resource_type, resource_id, action, status, ip_address, details
) on public.audit_events to sark_audit_writer;
grant select on public.audit_events to sark_audit_reader;

-- Privileges keep logins from rewriting the trail; this keeps its owner from doing so by accident. Retention
-- drops whole chunks, and so is not concerned.
create function public.refuse_to_rewrite() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% of %.% refused: it is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation',
          hint = 'Rows go when the retention policy drops their chunk, and not before.';
end;
$$;

create trigger audit_events_append_only
  before update or delete or truncate on public.audit_events
  for each statement execute function public.refuse_to_rewrite();

-- Few, frequent values: each batch holds a thousand events of one type. By user, batches would hold a handful
-- of rows and compress to nothing (docs/schema.md has the figures).
alter table public.audit_events set (
  timescaledb.enable_columnstore,
  timescaledb.segmentby = 'event_type',
  timescaledb.orderby = 'time desc'
);

call public.add_columnstore_policy('public.audit_events', after => interval '7 days');
select public.add_retention_policy('public.audit_events', drop_after => interval '90 days');
