--! lock_timeout 2s
--! statement_timeout 60s

-- Decisions in numbers: by the hour, and by the day from the hours.
--
-- Averages cannot be added up, so there are none: sum_duration_ms / total_evaluations is one, at either level.
--
-- Chunks are set, since ten times the source's, the default, would be 160 of them for the hours.

create materialized view public.hourly_policy_stats
  with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.chunk_interval = '30 days')
as
select
  public.time_bucket(interval '1 hour', time) as hour,
  policy_name,
  count(*) as total_evaluations,
  count(*) filter (where decision) as allowed,
  count(*) filter (where not decision) as denied,
  count(*) filter (where cache_hit) as cache_hits,
  sum(duration_ms) as sum_duration_ms,
  max(duration_ms) as max_duration_ms
from public.policy_evaluations
group by 1, 2
with no data;

-- Days of UTC. Sums of bigint are numeric; they are cast back so that both levels have the same types.
create materialized view public.daily_policy_stats
  with (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.chunk_interval = '365 days')
as
select
  public.time_bucket(interval '1 day', hour) as day,
  policy_name,
  sum(total_evaluations)::bigint as total_evaluations,
  sum(allowed)::bigint as allowed,
  sum(denied)::bigint as denied,
  sum(cache_hits)::bigint as cache_hits,
  sum(sum_duration_ms)::bigint as sum_duration_ms,
  max(max_duration_ms) as max_duration_ms
from public.hourly_policy_stats
group by 1, 2
with no data;

comment on view public.hourly_policy_stats is 'Decisions by hour and policy. Right for decisions up to three days late.';
comment on view public.daily_policy_stats is 'Decisions by day (UTC) and policy, added up from hourly_policy_stats.';

grant select on public.hourly_policy_stats, public.daily_policy_stats to sark_audit_reader;

select public.add_continuous_aggregate_policy(
  'public.hourly_policy_stats',
  start_offset => interval '3 days',
  end_offset => interval '1 hour',
  schedule_interval => interval '1 hour'
);

-- A day further back than the hours, so that a day that a late hour belongs to is always inside the window.
select public.add_continuous_aggregate_policy(
  'public.daily_policy_stats',
  start_offset => interval '5 days',
  end_offset => interval '1 day',
  schedule_interval => interval '1 hour'
);

-- Hours for a comparison with the same month of last year, days for the long view. Decisions themselves go after
-- 30 days: ten times the reach of a refresh, so no refresh finds its source already dropped.
select public.add_retention_policy('public.hourly_policy_stats', drop_after => interval '400 days');
select public.add_retention_policy('public.daily_policy_stats', drop_after => interval '1100 days');
