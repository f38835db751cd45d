--! database sark sark_audit
--! login monitor
--! returns pid, what, table_name, phase, percent, runs_seconds

-- Which vacuums and index builds run just now, and how far are they?
--
-- Percentages are of the phase. A vacuum that starts its indexes again and again has too little maintenance_work_mem.

select p.pid, p.what, p.relid::pg_catalog.regclass::text as table_name, p.phase,
       pg_catalog.round(100.0 * p.done / nullif(p.total, 0), 1) as percent,
       pg_catalog.round(extract(epoch from pg_catalog.now() - a.query_start), 1) as runs_seconds
  from (
    select v.pid, v.datname, v.relid, 'vacuum' as what, v.phase, v.heap_blks_scanned as done, v.heap_blks_total as total
      from pg_catalog.pg_stat_progress_vacuum as v
    union all
    select i.pid, i.datname, i.relid, pg_catalog.lower(i.command), i.phase, i.blocks_done, i.blocks_total
      from pg_catalog.pg_stat_progress_create_index as i
    union all
    select n.pid, n.datname, n.relid, 'analyze', n.phase, n.sample_blks_scanned, n.sample_blks_total
      from pg_catalog.pg_stat_progress_analyze as n
  ) as p
  join pg_catalog.pg_stat_activity as a on a.pid = p.pid
 where p.datname = pg_catalog.current_database()
 order by a.query_start, p.pid;
