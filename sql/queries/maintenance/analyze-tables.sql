--! database sark
--! login maintain
--! changes
--! timeout 1h
--! returns nothing

-- Can the planner have new statistics of every table now?
--
-- After a restore or an import. Hypertables are analyzed by their own weekly job.

analyze public.users, public.servers, public.sessions, public.policies, public.policy_versions, public.api_keys,
  public.rate_limits;
