--! database sark sark_audit
--! login monitor
--! param rows integer = 10 -- so many tables
--! returns table_name, age, forced_vacuum_at, percent

-- Which tables are the nearest to a vacuum that cannot be put off?
--
-- At 100 % autovacuum reads the table whatever it costs, and this is no harm. Far beyond it something holds vacuum back,
-- and at two thousand million transactions the server stops taking writes.

select c.oid::pg_catalog.regclass::text as table_name,
       pg_catalog.age(c.relfrozenxid) as age,
       s.most as forced_vacuum_at,
       pg_catalog.round(100.0 * pg_catalog.age(c.relfrozenxid) / s.most, 1) as percent
  from pg_catalog.pg_class as c
 cross join (select pg_catalog.current_setting('autovacuum_freeze_max_age')::bigint as most) as s
 where c.relkind in ('r', 'm', 't')
 order by 2 desc, c.oid
 limit :rows;
