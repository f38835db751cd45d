--! database sark
--! login readonly
--! param tags jsonb -- a JSON array of tags that a server has to have, all of them
--! param rows integer = 20 -- so many
--! returns id, name, tags, created_at

-- Which servers have these tags?
--
-- Containment, which the GIN index answers.

select s.id, s.name, s.tags, s.created_at
  from public.servers as s
 where s.tags @> :tags
 order by s.created_at desc, s.id desc
 limit :rows;
