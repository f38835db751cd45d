--! database sark_audit
--! login readonly
--! param event_type text -- such as login
--! param within interval = 7 days -- how far back from now
--! returns time, user_id, action, resource_type, resource_id, status, ip_address

-- Which events of this type were there last?
--
-- Newest first; how many there were in all is in events-by-hour.

select e.time, e.user_id, e.action, e.resource_type, e.resource_id, e.status, e.ip_address
  from public.audit_events as e
 where e.event_type = :event_type
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
