--! lock_timeout 2s
--! statement_timeout 60s

-- What was handed to the security team's SIEM, and how that went: one row for each attempt.

create table public.siem_events (
  time timestamptz not null default clock_timestamp(),
  event_id uuid not null default gen_random_uuid(),
  event_type text not null,
  severity text not null default 'info',
  destination text not null,
  status text not null default 'unknown',
  audit_event_id uuid,
  payload jsonb not null default '{}',
  error text,

  constraint siem_events_pkey primary key (time, event_id),
  constraint siem_events_event_type_length check (char_length(event_type) between 1 and 100),
  constraint siem_events_severity_length check (char_length(severity) <= 50),
  constraint siem_events_destination_length check (char_length(destination) between 1 and 255),
  constraint siem_events_status_length check (char_length(status) <= 50)
);

comment on table public.siem_events is 'Deliveries to a SIEM; append-only, so that a second attempt is a second row.';
comment on column public.siem_events.time is 'When the server took the attempt in.';
comment on column public.siem_events.destination is 'Which SIEM, by the name in the application''s settings.';
comment on column public.siem_events.audit_event_id is 'audit_events.event_id of what is reported, if it is one event. No foreign key: a hypertable cannot be referred to by id alone.';
comment on column public.siem_events.error is 'What the SIEM answered when it refused.';

select public.create_hypertable(
  'public.siem_events',
  public.by_range('time', interval '1 day'),
  create_default_indexes => false
);

-- Is a destination getting through, how severe was what it got, and was this event delivered.
create index siem_events_destination_status_time_idx on public.siem_events (destination, status, time desc);
create index siem_events_severity_time_idx on public.siem_events (severity, time desc);
create index siem_events_audit_event_id_time_idx on public.siem_events (audit_event_id, time desc)
  where audit_event_id is not null;

-- Before columns are compressed, as in audit_events.
grant insert (
  event_id, event_type, severity, destination, status, audit_event_id, payload, error
) on public.siem_events to sark_audit_writer;
grant select on public.siem_events to sark_audit_reader;

create trigger siem_events_append_only
  before update or delete or truncate on public.siem_events
  for each statement execute function public.refuse_to_rewrite();

alter table public.siem_events set (
  timescaledb.enable_columnstore,
  timescaledb.segmentby = 'event_type',
  timescaledb.orderby = 'time desc'
);

-- The SIEM keeps the events; this keeps the proof of delivery for as long as somebody may ask what went missing.
call public.add_columnstore_policy('public.siem_events', after => interval '7 days');
select public.add_retention_policy('public.siem_events', drop_after => interval '30 days');
