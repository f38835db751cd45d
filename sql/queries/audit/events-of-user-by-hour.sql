--! database sark_audit
--! login readonly
--! param user_id uuid -- users.id in database sark
--! param within interval = 7 days -- how far back from now
--! returns hour, events, event_types

-- When was this user active, and with how many kinds of events?
--
-- Hours of UTC. A night's work of somebody who works by day is worth a look.

select public.time_bucket(interval '1 hour', e.time) as hour,
       count(*) as events,
       count(distinct e.event_type) as event_types
  from public.audit_events as e
 where e.user_id = :user_id
   and e.time >= pg_catalog.now() - :within
 group by 1
 order by 1 desc;
