--! database sark
--! login maintain
--! changes
--! no-transaction
--! timeout 4h
--! returns nothing

-- Can the tables that change all day be vacuumed and analyzed now?
--
-- What the weekly job does, for a stack without it, or after a large deletion. Readers and writers go on.

vacuum (analyze, index_cleanup on, truncate off) public.sessions, public.rate_limits, public.servers, public.users;
