--! database sark
--! login readonly
--! param rows integer = 10 -- so many owners
--! returns username, servers

-- Which active users own the most servers?
--
-- A report, not a query for each request: it reads one index of servers as a whole. Counted before it is joined, so the
-- join and the sort see a row for each owner instead of one for each server.

select u.username, counted.servers
  from (select s.owner_id, count(*) as servers from public.servers as s group by s.owner_id) as counted
  join public.users as u on u.id = counted.owner_id
 where u.is_active
 order by counted.servers desc, u.username
 limit :rows;
