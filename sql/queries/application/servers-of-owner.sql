--! database sark
--! login readonly
--! param owner_id uuid -- users.id
--! param after_time timestamptz = infinity -- created_at of the last row of the page before
--! param after_id uuid = ffffffff-ffff-ffff-ffff-ffffffffffff -- id of the last row of the page before
--! param rows integer = 20 -- rows of a page
--! returns id, name, endpoint, is_active, last_seen_at, created_at

-- Which servers does this user own, newest first?
--
-- Page by page, as users-page.

select s.id, s.name, s.endpoint, s.is_active, s.last_seen_at, s.created_at
  from public.servers as s
 where s.owner_id = :owner_id
   and (s.created_at, s.id) < (:after_time, :after_id)
 order by s.created_at desc, s.id desc
 limit :rows;
