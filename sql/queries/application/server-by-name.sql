--! database sark
--! login readonly
--! param name text -- the whole name, case included
--! returns id, name, endpoint, is_active, owner_id, last_seen_at

-- Which servers have this name?
--
-- Names are not unique: two owners may each have their "billing".

select s.id, s.name, s.endpoint, s.is_active, s.owner_id, s.last_seen_at
  from public.servers as s
 where s.name = :name
 order by s.created_at desc, s.id desc;
