--! database sark sark_audit
--! login monitor
--! param rows integer = 10 -- so many tables
--! returns table_name, age, forced_vacuum_at, multixact_age, percent

-- Which tables are the nearest to a vacuum that cannot be put off?
--
-- At 100 % of either age autovacuum reads the table whatever it costs, and this is no harm. Far beyond it something
-- holds vacuum back, and at two thousand million transactions or multixacts the server stops taking writes.

select c.oid::pg_catalog.regclass::text as table_name,
       pg_catalog.age(c.relfrozenxid) as age,
       s.most as forced_vacuum_at,
       pg_catalog.mxid_age(c.relminmxid) as multixact_age,
       pg_catalog.round(
         100.0 * greatest(
           pg_catalog.age(c.relfrozenxid)::numeric / s.most,
           pg_catalog.mxid_age(c.relminmxid)::numeric / s.most_multixacts),
         1) as percent
  from pg_catalog.pg_class as c
 cross join (
         select pg_catalog.current_setting('autovacuum_freeze_max_age')::bigint as most,
                pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::bigint as most_multixacts
       ) as s
 where c.relkind in ('r', 'm', 't')
 order by percent desc, age desc, c.oid
 limit :rows;
