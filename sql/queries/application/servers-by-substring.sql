--! database sark
--! login readonly
--! param part text -- part of a name or an endpoint, case included; three characters or more for the index to be of use
--! param rows integer = 20 -- so many
--! returns id, name, endpoint, created_at

-- Which servers have this text somewhere in their name or endpoint?
--
-- "prod" finds preproduction. For whole words in any form, which is another answer, see servers-by-words. The text is
-- taken literally: a % or _ in it is no wildcard.

select s.id, s.name, s.endpoint, s.created_at
  from public.servers as s
 cross join (select '%' || pg_catalog.regexp_replace(:part, '([\\%_])', '\\\1', 'g') || '%' as pattern) as p
 where s.name like p.pattern
    or s.endpoint like p.pattern
 order by s.created_at desc, s.id desc
 limit :rows;
