--! database sark_audit
--! login readonly
--! param audit_event_id uuid -- audit_events.event_id
--! param within interval = 30 days -- how far back from now
--! returns time, destination, severity, status, error

-- Did this event reach the SIEM, and after how many attempts?
--
-- One row for each attempt, newest first. None at all for an event that had to be reported is a hole.

select e.time, e.destination, e.severity, e.status, e.error
  from public.siem_events as e
 where e.audit_event_id = :audit_event_id
   and e.time >= pg_catalog.now() - :within
 order by e.time desc;
