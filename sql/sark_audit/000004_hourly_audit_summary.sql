--! lock_timeout 2s
--! statement_timeout 60s

-- The audit trail in numbers, for dashboards: hours of 13 months instead of events of 90 days.

-- Not materialized only: the hours that no refresh has reached yet are added from the events at each query.
-- With no data, because filling it cannot be done in a transaction; the first run of the policy does.
create materialized view public.hourly_audit_summary
  with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.chunk_interval = '30 days')
as
select
  public.time_bucket(interval '1 hour', time) as hour,
  event_type,
  resource_type,
  status,
  count(*) as total_events,
  count(*) filter (where user_id is null) as anonymous_events,
  max(time) as last_event_at
from public.audit_events
group by 1, 2, 3, 4
with no data;

comment on view public.hourly_audit_summary is 'Events by hour, type, kind of resource and status. Right for events up to three days late.';

grant select on public.hourly_audit_summary to sark_audit_reader;

-- Events that come up to three days late are counted by the next run; what did not change is not read again.
select public.add_continuous_aggregate_policy(
  'public.hourly_audit_summary',
  start_offset => interval '3 days',
  end_offset => interval '1 hour',
  schedule_interval => interval '1 hour'
);

select public.add_retention_policy('public.hourly_audit_summary', drop_after => interval '400 days');
