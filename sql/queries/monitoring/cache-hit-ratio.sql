--! database sark sark_audit
--! login monitor
--! returns what, hit_percent, hits, reads

-- How many of the pages that were asked for were in shared_buffers?
--
-- Over all tables since the statistics were reset. Below 95 % for long, the working set does not fit: more memory, or
-- fewer and smaller indexes (unused-indexes). A read may still come from the operating system's cache.

select t.what,
       pg_catalog.round(100.0 * t.hits / nullif(t.hits + t.reads, 0), 2) as hit_percent,
       t.hits, t.reads
  from (
    select 'indexes' as what, sum(i.idx_blks_hit) as hits, sum(i.idx_blks_read) as reads
      from pg_catalog.pg_statio_user_indexes as i
    union all
    select 'tables', sum(r.heap_blks_hit), sum(r.heap_blks_read)
      from pg_catalog.pg_statio_user_tables as r
  ) as t
 order by t.what;
