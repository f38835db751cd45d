--! database sark
--! login readonly
--! param name text -- policies.name
--! param before_version integer = 2147483647 -- version of the last row of the page before
--! param rows integer = 20 -- rows of a page
--! returns version, published_by, published_at, in_force, bytes

-- Which versions has this policy had, newest first?
--
-- Page by page. Going back to one is setting policies.version to it.

select v.version, u.username as published_by, v.created_at as published_at, v.version = p.version as in_force,
       pg_catalog.octet_length(v.rego_code) as bytes
  from public.policies as p
 cross join lateral (
   select h.version, h.created_by, h.created_at, h.rego_code
     from public.policy_versions as h
    where h.policy_id = p.id
      and h.version < :before_version
    order by h.version desc
    limit :rows
 ) as v
  join public.users as u on u.id = v.created_by
 where p.name = :name
 order by v.version desc;
