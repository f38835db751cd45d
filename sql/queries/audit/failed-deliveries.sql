--! database sark_audit
--! login readonly
--! param destination text -- which SIEM, by its name in the application's settings
--! param within interval = 1 day -- how far back from now
--! returns time, event_type, severity, audit_event_id, error

-- Which deliveries to this SIEM failed last?
--
-- Newest first. The same error in each row is the SIEM's or the network's, different ones are the events' own. The status
-- is no parameter: failures are few, which a plan for any status does not know, and would walk what was delivered.

select e.time, e.event_type, e.severity, e.audit_event_id, e.error
  from public.siem_events as e
 where e.destination = :destination
   and e.status = 'failed'
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
