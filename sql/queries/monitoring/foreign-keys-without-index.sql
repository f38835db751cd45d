--! database sark sark_audit
--! login monitor
--! returns table_name, foreign_key, definition, refers_to

-- Which foreign keys have no index that begins with their columns?
--
-- Each row that is deleted or gets another key in the table that is referred to then reads the whole other table, and a
-- join from there does so, too.

select k.conrelid::pg_catalog.regclass::text as table_name, k.conname as foreign_key,
       pg_catalog.pg_get_constraintdef(k.oid) as definition,
       k.confrelid::pg_catalog.regclass::text as refers_to
  from pg_catalog.pg_constraint as k
 where k.contype = 'f'
   and k.connamespace = 'public'::pg_catalog.regnamespace
   and not exists (
     select from pg_catalog.pg_index as x
      where x.indrelid = k.conrelid
        and x.indisvalid
        and x.indpred is null
        -- The first columns of the index, in any order; vectors count from 0. Or a unique key that is a part of them.
        and ((x.indkey::smallint[])[0 : pg_catalog.cardinality(k.conkey) - 1] operator(pg_catalog.@>) k.conkey
             or (x.indisunique and x.indkey::smallint[] operator(pg_catalog.<@) k.conkey)))
 order by 1, 2;
