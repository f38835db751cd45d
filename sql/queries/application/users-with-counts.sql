--! database sark
--! login readonly
--! param after_time timestamptz = infinity -- created_at of the last row of the page before
--! param after_id uuid = ffffffff-ffff-ffff-ffff-ffffffffffff -- id of the last row of the page before
--! param rows integer = 20 -- rows of a page
--! returns id, username, servers, sessions, created_at

-- How many servers and sessions has each user of a page?
--
-- Each count is one range of an index, for the users of the page alone. Joining both tables and counting distinct ids
-- would make servers x sessions rows for each user first. For the sums over all users see owners-with-most-servers.

select u.id, u.username, owned.servers, signed_in.sessions, u.created_at
  from (select p.id, p.username, p.created_at
          from public.users as p
         where (p.created_at, p.id) < (:after_time, :after_id)
         order by p.created_at desc, p.id desc
         limit :rows) as u
 cross join lateral (select count(*) as servers from public.servers as s where s.owner_id = u.id) as owned
 cross join lateral (select count(*) as sessions from public.sessions as s where s.user_id = u.id) as signed_in
 order by u.created_at desc, u.id desc;
