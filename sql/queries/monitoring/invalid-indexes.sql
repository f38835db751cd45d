--! database sark sark_audit
--! login monitor
--! returns table_name, index_name, size, definition

-- Which indexes were never finished?
--
-- What "create index concurrently" and "reindex concurrently" leave when they fail: no query uses it and every write
-- keeps it up. One that ends in _ccnew or _ccold is dropped by the weekly reindex job; another one by "drop index
-- concurrently", and made anew. One that is being built just now is listed, too.

select x.indrelid::pg_catalog.regclass::text as table_name,
       x.indexrelid::pg_catalog.regclass::text as index_name,
       pg_catalog.pg_size_pretty(pg_catalog.pg_relation_size(x.indexrelid)) as size,
       pg_catalog.pg_get_indexdef(x.indexrelid) as definition
  from pg_catalog.pg_index as x
 where not x.indisvalid
 order by 1, 2;
