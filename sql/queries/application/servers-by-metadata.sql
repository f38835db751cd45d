--! database sark
--! login readonly
--! param metadata jsonb -- a JSON object that a server's metadata has to hold, such as {"environment": "production"}
--! param rows integer = 20 -- so many
--! returns id, name, metadata, created_at

-- Which servers have this in their metadata?
--
-- Containment, which the GIN index answers; metadata ->> 'environment' = 'production' would have to read every server.

select s.id, s.name, s.metadata, s.created_at
  from public.servers as s
 where s.metadata @> :metadata
 order by s.created_at desc, s.id desc
 limit :rows;
