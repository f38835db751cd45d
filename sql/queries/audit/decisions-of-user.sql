--! database sark_audit
--! login readonly
--! param user_id uuid -- users.id in database sark
--! param within interval = 1 day -- how far back from now
--! returns time, policy_name, policy_version, action, resource, decision

-- What was this user allowed and refused last?
--
-- Newest first.

select e.time, e.policy_name, e.policy_version, e.action, e.resource, e.decision
  from public.policy_evaluations as e
 where e.user_id = :user_id
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
