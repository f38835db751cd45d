--! database sark_audit
--! login readonly
--! param policy_name text -- policies.name in database sark
--! param within interval = 7 days -- how far back from now
--! returns hour, evaluations, allowed, denied, mean_ms, max_ms

-- How often was this policy asked each hour, how did it decide, and how fast?
--
-- Hours of UTC, from the aggregate.

select s.hour, s.total_evaluations as evaluations, s.allowed, s.denied,
       pg_catalog.round(1.0 * s.sum_duration_ms / s.total_evaluations, 2) as mean_ms,
       s.max_duration_ms as max_ms
  from public.hourly_policy_stats as s
 where s.policy_name = :policy_name
   and s.hour >= pg_catalog.now() - :within
 order by s.hour desc;
