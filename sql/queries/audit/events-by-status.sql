--! database sark_audit
--! login readonly
--! param status text -- such as denied or failure
--! param within interval = 7 days -- how far back from now
--! returns time, event_type, user_id, action, resource_type, resource_id, ip_address

-- Which events ended in this way last?
--
-- Newest first. Many refusals from one address or of one user in a row are a guess at passwords or rights.

select e.time, e.event_type, e.user_id, e.action, e.resource_type, e.resource_id, e.ip_address
  from public.audit_events as e
 where e.status = :status
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
