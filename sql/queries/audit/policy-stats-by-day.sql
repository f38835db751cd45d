--! database sark_audit
--! login readonly
--! param within interval = 30 days -- how far back from now
--! returns day, policy_name, evaluations, allowed, denied, cache_hit_percent, mean_ms, max_ms

-- How often was each policy asked each day, how did it decide, and how fast?
--
-- Days of UTC, from the aggregate. A cache that hits less, or a mean that grows, follows a change of the policy.

select s.day, s.policy_name, s.total_evaluations as evaluations, s.allowed, s.denied,
       pg_catalog.round(100.0 * s.cache_hits / s.total_evaluations, 1) as cache_hit_percent,
       pg_catalog.round(1.0 * s.sum_duration_ms / s.total_evaluations, 2) as mean_ms,
       s.max_duration_ms as max_ms
  from public.daily_policy_stats as s
 where s.day >= pg_catalog.now() - :within
 order by s.day desc, s.total_evaluations desc, s.policy_name;
