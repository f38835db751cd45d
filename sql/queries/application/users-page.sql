--! database sark
--! login readonly
--! param after_time timestamptz = infinity -- created_at of the last row of the page before
--! param after_id uuid = ffffffff-ffff-ffff-ffff-ffffffffffff -- id of the last row of the page before
--! param rows integer = 20 -- rows of a page
--! returns id, username, email, is_active, is_admin, last_login_at, created_at

-- Which users are there, newest first?
--
-- Page by page: the next one begins after created_at and id of this one's last row. With OFFSET the pages before would
-- be read again for each, and by created_at alone a page would skip users of the same time.

select u.id, u.username, u.email, u.is_active, u.is_admin, u.last_login_at, u.created_at
  from public.users as u
 where (u.created_at, u.id) < (:after_time, :after_id)
 order by u.created_at desc, u.id desc
 limit :rows;
