--! database sark sark_audit
--! login monitor
--! server primary
--! returns primary_up
--! gauge primary_up -- 1 if the primary answers a query and accepts writes.

-- Does the primary answer, and accept writes?
--
-- Only the primary publishes it, so its absence means that there is none.

select (not pg_catalog.pg_is_in_recovery())::integer as primary_up;
