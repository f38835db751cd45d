--! database sark
--! login readonly
--! param name text -- policies.name
--! returns id, name, version, rego_code, published_at

-- What does this policy say now?
--
-- Two look-ups by key: the policy points at the version in force, which is not necessarily the newest.

select p.id, p.name, p.version, v.rego_code, v.created_at as published_at
  from public.policies as p
  join public.policy_versions as v on v.policy_id = p.id and v.version = p.version
 where p.name = :name
   and p.is_active;
