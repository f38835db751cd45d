--! database sark_audit
--! login monitor
--! returns hypertable, rows

-- About how many rows has each hypertable?
--
-- Added up from the statistics of its chunks, the compressed ones included, without reading any. The table that a query
-- names holds no rows itself, so pg_class.reltuples says 0 of it. Right after an import it knows nothing: analyze first.

select h.hypertable_name as hypertable,
       public.approximate_row_count(
         pg_catalog.format('%I.%I', h.hypertable_schema, h.hypertable_name)::pg_catalog.regclass
       ) as rows
  from timescaledb_information.hypertables as h
 where h.hypertable_schema = 'public'
 order by 1;
