--! database sark_audit
--! login monitor
--! server primary
--! returns hypertable, newest_row_age_seconds, days_without_digest
--! gauge newest_row_age_seconds -- Seconds since the newest row of a hypertable; absent without rows.
--! gauge days_without_digest -- Days that are over and have no digest; absent before the first.

-- How old is the newest row of each hypertable, and for how many days is a digest missing?
--
-- verify-audit-digests names the days.

select f.hypertable::text as hypertable,
       extract(epoch from pg_catalog.now() - f.newest)::float8 as newest_row_age_seconds,
       -- A day is digested three hours into the next, and an hour later at the latest.
       greatest(((pg_catalog.now() - interval '4 hours') at time zone 'UTC')::date - 1 - f.last_digest, 0)
         as days_without_digest
  from public.audit_freshness() as f;
