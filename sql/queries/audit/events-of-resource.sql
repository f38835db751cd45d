--! database sark_audit
--! login readonly
--! param resource_type text -- such as server
--! param resource_id text -- its id
--! param within interval = 7 days -- how far back from now
--! returns time, event_type, action, user_id, status, ip_address

-- What happened to this resource lately, and who did it?
--
-- Newest first.

select e.time, e.event_type, e.action, e.user_id, e.status, e.ip_address
  from public.audit_events as e
 where e.resource_type = :resource_type
   and e.resource_id = :resource_id
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
