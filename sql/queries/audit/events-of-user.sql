--! database sark_audit
--! login readonly
--! param user_id uuid -- users.id in database sark
--! param within interval = 7 days -- how far back from now
--! returns time, event_type, action, resource_type, resource_id, status, ip_address

-- What did this user do lately?
--
-- Newest first. Days that were compressed answer too, batch by batch: there a Bloom filter says which batches may hold
-- the user.

select e.time, e.event_type, e.action, e.resource_type, e.resource_id, e.status, e.ip_address
  from public.audit_events as e
 where e.user_id = :user_id
   and e.time >= pg_catalog.now() - :within
 order by e.time desc
 limit 100;
