--! database sark sark_audit
--! login monitor
--! returns database, size, bytes

-- How large is each database of this server?
--
-- With its indexes and catalogs, without the write-ahead log. Compare with the volume, and with last month.

select d.datname as database,
       pg_catalog.pg_size_pretty(s.bytes) as size,
       s.bytes
  from pg_catalog.pg_database as d
 cross join lateral (select pg_catalog.pg_database_size(d.oid) as bytes) as s
 where not d.datistemplate
 order by s.bytes desc;
