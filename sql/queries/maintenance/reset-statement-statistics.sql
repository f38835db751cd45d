--! database sark sark_audit
--! login admin
--! extension pg_stat_statements
--! changes
--! returns reset

-- Since when are statements counted anew?
--
-- Forgets what pg_stat_statements knows of this database, to see what a change is worth. Alerts that compare with an
-- hour ago will see a gap.

select public.pg_stat_statements_reset(
  0, (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()), 0
) as reset;
