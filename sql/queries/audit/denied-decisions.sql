--! database sark_audit
--! login readonly
--! param within interval = 1 day -- how far back from now
--! returns time, policy_name, policy_version, user_id, action, resource

-- Which requests did the policies refuse last?
--
-- Newest first, through an index of refusals alone. Many of one user are an attempt, many of one policy a mistake in it.

select e.time, e.policy_name, e.policy_version, e.user_id, e.action, e.resource
  from public.policy_evaluations as e
 where not e.decision
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
