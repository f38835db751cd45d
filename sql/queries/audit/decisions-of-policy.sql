--! database sark_audit
--! login readonly
--! param policy_name text -- policies.name in database sark
--! param within interval = 1 day -- how far back from now
--! returns time, policy_version, user_id, action, resource, decision, cache_hit, duration_ms

-- What did this policy decide last?
--
-- Newest first; for sums see policy-stats-by-day.

select e.time, e.policy_version, e.user_id, e.action, e.resource, e.decision, e.cache_hit, e.duration_ms
  from public.policy_evaluations as e
 where e.policy_name = :policy_name
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
