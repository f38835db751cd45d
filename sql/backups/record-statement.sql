-- First of the two steps that make a record: what each table of the database holds, in one snapshot.
--
-- This returns a statement, which the second step runs in the same transaction. Its answer is the record as JSON, apart
-- from `exact`. With psql:
--
--   \set writers `cat writers.sql`
--   \set prepare `cat record-statement.sql`
--   :writers \gset
--   begin isolation level repeatable read read only;
--   :prepare \gset
--   :statement \gset
--   commit;
--   select :'before' = :'lsn' and :writers = 0 as exact \gset
--
-- So there is no semicolon at the end. If a record is exact, recovery that stops before `lsn` gives exactly its rows:
-- nothing was written between `before` and `lsn`, so no transaction committed there, and no transaction that had
-- committed before was still invisible to the snapshot.
--
-- The sum of the rows' hashes does not depend on their order. Each hash is of the row's text, so the settings that
-- change a text are fixed first, for the transaction. Without row_security an error replaces rows that are hidden.
--
-- Left out: unlogged tables, which recovery empties; schemas that the role may not use; partitions, which are read with
-- their table. Continuous aggregates are views, and read like tables.

with settings as (
  select pg_catalog.count(pg_catalog.set_config(s.name, s.value, true)) as applied
    from (
      values
        ('search_path', 'pg_catalog, pg_temp'),
        ('timezone', 'UTC'),
        ('datestyle', 'ISO, YMD'),
        ('intervalstyle', 'postgres'),
        ('bytea_output', 'hex'),
        ('extra_float_digits', '1'),
        ('xmloption', 'content'),
        ('row_security', 'off')
    ) as s (name, value)
),

-- What the server itself writes into new rows: the newest of these times tells how recent the rows are.
times as (
  select a.attrelid, pg_catalog.string_agg(pg_catalog.format('max(t.%I)', a.attname), ', ' order by a.attnum) as newest
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.atttypid = 'pg_catalog.timestamptz'::pg_catalog.regtype
     and pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~ '^(pg_catalog\.)?(now|clock_timestamp|statement_timestamp)\(\)$'
   group by a.attrelid
),

tables as (
  select pg_catalog.format(
           'select %L as "table", pg_catalog.count(*) as rows, '
           'coalesce(pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.format(''%%s'', t), 0)::numeric), 0)::text as checksum, '
           'greatest(%s) as newest from %I.%I as t',
           pg_catalog.concat(n.nspname, '.', c.relname), coalesce(x.newest, 'null::timestamptz'), n.nspname, c.relname
         ) as query,
         pg_catalog.concat(n.nspname, '.', c.relname) as name
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    left join times as x on x.attrelid = c.oid
   where n.nspname !~ '^(pg_|_?timescaledb_)'
     and n.nspname <> 'information_schema'
     and pg_catalog.has_schema_privilege(n.oid, 'usage')
     and c.relpersistence = 'p'
     and not c.relispartition
     and (
       c.relkind in ('r', 'p')
       or (c.relkind = 'v' and pg_catalog.pg_get_viewdef(c.oid) ~ '_timescaledb_internal\.')
     )
     and not exists (
       select from pg_catalog.pg_depend as e
        where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e'
     )
),

snapshot as (
  select case
           when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
           else pg_catalog.pg_current_wal_insert_lsn()
         end as lsn,
         pg_catalog.clock_timestamp() as time
)

select pg_catalog.format(
         $statement$
select pg_catalog.json_build_object(
         'database', pg_catalog.current_database(),
         'systemIdentifier', (select s.system_identifier::text from pg_catalog.pg_control_system() as s),
         'lsn', %L,
         'time', %L,
         'newest', pg_catalog.to_char(pg_catalog.max(r.newest), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
         'tables', coalesce(
           pg_catalog.json_agg(
             pg_catalog.json_build_object('table', r."table", 'rows', r.rows, 'checksum', r.checksum)
             order by r."table" collate "C"),
           '[]'))::text as record
  from (%s) as r$statement$,
         s.lsn,
         pg_catalog.to_char(s.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
         coalesce(
           (select pg_catalog.string_agg(t.query, E'\n    union all ' order by t.name collate "C") from tables as t),
           'select null::text as "table", 0 as rows, null::text as checksum, null::timestamptz as newest where false')
       ) as statement,
       s.lsn::text as lsn
  from snapshot as s
 where (select applied from settings) > 0
