--! database sark_audit
--! login readonly
--! param details jsonb -- a JSON object that the event's details have to hold
--! param within interval = 7 days -- how far back from now
--! param rows integer = 100 -- at most so many
--! returns time, event_type, user_id, action, status, details

-- Which events have this in their details?
--
-- Containment, which the GIN index of each chunk of the last week answers; compressed chunks are read.

select e.time, e.event_type, e.user_id, e.action, e.status, e.details
  from public.audit_events as e
 where e.details @> :details
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit :rows;
