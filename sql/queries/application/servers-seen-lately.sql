--! database sark
--! login readonly
--! param rows integer = 20 -- so many
--! returns id, name, endpoint, last_seen_at

-- Which servers sent a heartbeat last?
--
-- last_seen_at is right to the minute. Servers that were never seen come last.

select s.id, s.name, s.endpoint, s.last_seen_at
  from public.servers as s
 order by s.last_seen_at desc nulls last
 limit :rows;
