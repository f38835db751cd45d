--! database sark
--! login readonly
--! param user_id uuid -- users.id
--! param rows integer = 50 -- at most so many
--! returns id, ip_address, user_agent, created_at, expires_at

-- Where is this user signed in?
--
-- What a user sees below "your sessions", the one that lasts longest first. Ending one is deleting its row.

select s.id, s.ip_address, s.user_agent, s.created_at, s.expires_at
  from public.sessions as s
 where s.user_id = :user_id
   and s.expires_at > pg_catalog.now()
 order by s.expires_at desc
 limit :rows;
