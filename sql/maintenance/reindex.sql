-- What to do about indexes, a statement a line: first drop what a failed rebuild left behind, then rebuild B-trees
-- that are mostly air.
--
-- Variables: minimum_bytes, below which an index is left alone; bloat_percent, the share of it that has to be air.
--
-- The size that an index should have is computed from statistics, which cost nothing to read and need no extension.
-- Other kinds of index keep too little in them for that, and are left alone.

with
-- Ordinary tables of ours. A hypertable is not one: TimescaleDB refuses to rebuild its indexes concurrently.
indexes as (
  select i.indexrelid, i.indrelid, i.indkey, i.indnkeyatts, i.indnatts, i.indisunique, i.indisvalid, i.indisexclusion,
         i.indpred is not null as partial,
         c.relname, n.nspname, t.relname as table_name, greatest(t.reltuples, 0) as table_rows,
         c.reltuples as entries,
         m.amname as method,
         pg_relation_size(c.oid) as bytes,
         coalesce((select o.option_value::integer from pg_options_to_table(c.reloptions) as o
                    where o.option_name = 'fillfactor'), 90) as fillfactor,
         current_setting('block_size')::integer as page
    from pg_index as i
    join pg_class as c on c.oid = i.indexrelid
    join pg_am as m on m.oid = c.relam
    join pg_class as t on t.oid = i.indrelid
    join pg_namespace as n on n.oid = t.relnamespace
   where c.relkind = 'i' and t.relkind = 'r'
     and n.nspname not like 'pg\_%' and n.nspname not like '\_timescaledb\_%'
     and not exists (select from pg_inherits as h where t.oid in (h.inhparent, h.inhrelid))
     and pg_has_role(t.relowner, 'usage')
),

-- While a rebuild runs, its session holds a lock on the new index; what nobody holds was left behind.
left_behind as (
  select * from indexes as i
   where not i.indisvalid
     and i.relname ~ '_cc(new|old)[0-9]*$'
     and not exists (select from pg_locks as l
                      where l.locktype = 'relation' and l.relation = i.indexrelid and l.pid <> pg_backend_pid()
                        and l.database = (select d.oid from pg_database as d where d.datname = current_database()))
),

-- Statistics of a column are the table's, those of an expression the index's own. Short values of varying length are
-- not aligned in an entry, others are.
keys as (
  select i.indexrelid,
         count(s.attname) = i.indnatts as known,
         bool_or(x.nulls > 0) as nullable,
         bool_or(a.attlen < 0) as varying,
         sum(x.width) as width,
         sum(x.width * (1 - x.nulls)) as width_with_nulls,
         exp(sum(ln(greatest(1, case when s.n_distinct < 0 then -s.n_distinct * i.table_rows
                                     else s.n_distinct end)))) as combinations
    from indexes as i
    join pg_attribute as a on a.attrelid = i.indexrelid
    left join pg_attribute as b on b.attrelid = i.indrelid and b.attnum = i.indkey[a.attnum - 1] and b.attnum > 0
    left join pg_stats as s on s.schemaname = i.nspname and not s.inherited
      and (s.tablename, s.attname) = case when b.attnum is null then (i.relname, a.attname)
                                          else (i.table_name, b.attname) end
   cross join lateral (
     select case a.attalign when 'd' then 8 when 'i' then 4 when 's' then 2 else 1 end as alignment
   ) as y
   cross join lateral (
     select case when a.attlen < 0 then s.avg_width
                 else ceil(s.avg_width::numeric / y.alignment) * y.alignment end as width,
            -- Most partial indexes leave the nulls out.
            case when i.partial then 0 else s.null_frac end as nulls
   ) as x
   where i.method = 'btree' and i.indisvalid and not i.indisexclusion and i.entries >= 0
   group by i.indexrelid, i.indnatts
),

-- An entry is a header of 8 bytes (16 where there are nulls), the key, and 4 bytes for its place in the page. Header
-- and key are rounded up to 8, which adds 4 on average where lengths vary.
entry as (
  select k.indexrelid, k.combinations,
         12 + case when k.varying then k.width + 4 else ceil(k.width / 8) * 8 end as full_size,
         case when k.nullable then 20 else 12 end
           + case when k.varying then k.width_with_nulls + 4 else ceil(k.width_with_nulls / 8) * 8 end as size
    from keys as k
   where k.known
),

sized as (
  select i.*, e.size,
         -- Equal keys share an entry, of a tenth of a page at most, and add 6 bytes each; not where a key is unique.
         case when i.indisunique or i.indnatts > i.indnkeyatts then i.entries * e.size
              else least(i.entries * e.size,
                         i.entries * 6
                           + least(i.entries, greatest(e.combinations, i.entries * 60 / i.page)) * e.full_size)
         end as content
    from indexes as i join entry as e using (indexrelid)
),

-- Of a page, 24 bytes are its header and 16 its links. Inner pages hold an entry for each page below.
expected as (
  select s.*,
         s.page * (1 + ceil(s.content * 100 / ((s.page - 40) * s.fillfactor) * (1 + s.size / (s.page - 40)))) as needed
    from sized as s
)

select statement from (
  select 1 as step, l.bytes, format('drop index concurrently if exists %I.%I', l.nspname, l.relname) as statement
    from left_behind as l
  union all
  select 2, e.bytes, format('reindex index concurrently %I.%I', e.nspname, e.relname)
    from expected as e
   where e.bytes >= :minimum_bytes
     and e.bytes - e.needed >= e.bytes * :bloat_percent / 100.0
) as work
order by step, bytes desc;
