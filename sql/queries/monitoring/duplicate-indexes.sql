--! database sark sark_audit
--! login monitor
--! returns table_name, index_name, covered_by, size, bytes

-- Which indexes does another one make superfluous?
--
-- The same columns in the same order, or for a B-tree the first of the other's, with the same predicate. Drop the one in
-- index_name; a unique one is listed only if the other is its equal.

with indexes as (
  select x.*, c.relam, c.relname, m.amname,
         coalesce(pg_catalog.pg_get_expr(x.indpred, x.indrelid), '') as predicate,
         coalesce(pg_catalog.pg_get_expr(x.indexprs, x.indrelid), '') as expressions
    from pg_catalog.pg_index as x
    join pg_catalog.pg_class as c on c.oid = x.indexrelid
    join pg_catalog.pg_am as m on m.oid = c.relam
   where c.relnamespace = 'public'::pg_catalog.regnamespace
     and x.indisvalid
)
select a.indrelid::pg_catalog.regclass::text as table_name, a.relname as index_name, b.relname as covered_by,
       pg_catalog.pg_size_pretty(s.bytes) as size, s.bytes
  from indexes as a
  join indexes as b
    on b.indrelid = a.indrelid and b.indexrelid <> a.indexrelid and b.relam = a.relam and b.predicate = a.predicate
 cross join lateral (
   select (a.indkey::text, a.indclass::text, a.indcollation::text, a.indoption::text, a.expressions)
            = (b.indkey::text, b.indclass::text, b.indcollation::text, b.indoption::text, b.expressions) as equal
 ) as e
 cross join lateral (select pg_catalog.pg_relation_size(a.indexrelid) as bytes) as s
 -- Of two equals one is superfluous: the one that no constraint needs, or else the younger.
 where (e.equal and (a.indisunique < b.indisunique
                     or (a.indisunique = b.indisunique and a.indexrelid > b.indexrelid)))
    or (not e.equal and not a.indisunique and a.amname = 'btree' and a.expressions = '' and b.expressions = ''
        and (b.indkey::text || ' ') like (a.indkey::text || ' %')
        and (b.indclass::text || ' ') like (a.indclass::text || ' %')
        and (b.indcollation::text || ' ') like (a.indcollation::text || ' %')
        and (b.indoption::text || ' ') like (a.indoption::text || ' %'))
 order by s.bytes desc, a.relname, b.relname;
