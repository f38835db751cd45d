--! database sark_audit
--! login readonly
--! param within interval = 30 days -- how far back from now
--! returns hour, event_type, status, events, anonymous

-- How many events of each type and status were there in each hour?
--
-- The dashboard's query: it reads the aggregate, and the events of the last hours alone. Right for events up to three
-- days late.

select s.hour, s.event_type, s.status,
       sum(s.total_events)::bigint as events,
       sum(s.anonymous_events)::bigint as anonymous
  from public.hourly_audit_summary as s
 where s.hour >= pg_catalog.now() - :within
 group by s.hour, s.event_type, s.status
 order by s.hour desc, s.event_type, s.status;
