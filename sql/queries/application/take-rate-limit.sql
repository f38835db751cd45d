--! database sark
--! login app
--! changes
--! param bucket text -- what is limited and who, such as login:203.0.113.7
--! param max_hits integer -- how often in a window
--! param window_seconds integer = 60 -- length of a window
--! returns allowed, remaining, reset_at

-- May this caller go on, and how often until when?
--
-- Counts a hit where the limit allows one: what is asked here is used up. One row is written, in place.

select t.allowed, t.remaining, t.reset_at
  from public.take_rate_limit(:bucket, :max_hits, :window_seconds) as t;
