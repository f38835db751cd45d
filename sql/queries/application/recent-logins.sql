--! database sark
--! login readonly
--! param after_time timestamptz = infinity -- last_login_at of the last row of the page before
--! param after_id uuid = ffffffff-ffff-ffff-ffff-ffffffffffff -- id of the last row of the page before
--! param rows integer = 20 -- rows of a page
--! returns id, username, last_login_at

-- Who logged in lately?
--
-- The list of the administrators' dashboard, page by page.

select u.id, u.username, u.last_login_at
  from public.users as u
 where u.last_login_at is not null
   and (u.last_login_at, u.id) < (:after_time, :after_id)
 order by u.last_login_at desc, u.id desc
 limit :rows;
