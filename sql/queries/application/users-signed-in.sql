--! database sark
--! login readonly
--! param after_time timestamptz = infinity -- created_at of the last row of the page before
--! param after_id uuid = ffffffff-ffff-ffff-ffff-ffffffffffff -- id of the last row of the page before
--! param rows integer = 20 -- rows of a page
--! returns id, username, created_at

-- Which active users have a session?
--
-- A join would repeat a user for each session; exists stops at the first. Page by page, newest account first.

select u.id, u.username, u.created_at
  from public.users as u
 where u.is_active
   and (u.created_at, u.id) < (:after_time, :after_id)
   and exists (select from public.sessions as s where s.user_id = u.id and s.expires_at > pg_catalog.now())
 order by u.created_at desc, u.id desc
 limit :rows;
