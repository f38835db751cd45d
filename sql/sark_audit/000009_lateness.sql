--! lock_timeout 2s
--! statement_timeout 60s

-- What is up to three days late is to be counted by the next run, to the hour. A run takes in whole hours only, so it
-- leaves out the one in which its window begins; and it comes up to an hour after the row. Hence two hours more.
--
-- daily_policy_stats needs no more: its five days hold every day to which an hour of these 74 belongs.
select public.remove_continuous_aggregate_policy('public.hourly_audit_summary');
select public.add_continuous_aggregate_policy(
  'public.hourly_audit_summary',
  start_offset => interval '74 hours',
  end_offset => interval '1 hour',
  schedule_interval => interval '1 hour'
);

select public.remove_continuous_aggregate_policy('public.hourly_policy_stats');
select public.add_continuous_aggregate_policy(
  'public.hourly_policy_stats',
  start_offset => interval '74 hours',
  end_offset => interval '1 hour',
  schedule_interval => interval '1 hour'
);
