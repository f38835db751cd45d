--! database sark sark_audit
--! login monitor
--! server primary
--! returns invalid_indexes, unused_index_bytes
--! gauge invalid_indexes -- Indexes that a failed build left, and those that are being built.
--! gauge unused_index_bytes -- Size of the indexes that no query has used since the statistics were reset.

-- How many indexes are invalid, and how much space do unused ones take?
--
-- invalid-indexes and unused-indexes name them.

select (select count(*) from pg_catalog.pg_index as x where not x.indisvalid) as invalid_indexes,
       coalesce(sum(pg_catalog.pg_relation_size(i.indexrelid)), 0) as unused_index_bytes
  from pg_catalog.pg_stat_user_indexes as i
  join pg_catalog.pg_index as x on x.indexrelid = i.indexrelid
 where i.schemaname = 'public' and i.idx_scan = 0 and not x.indisunique and not x.indisexclusion;
