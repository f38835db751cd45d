-- Checks what a restore drill has restored against the record of it. For psql, on the restored server, with the record
-- in the file of the variable DRILL_RECORD of the environment. Returns a row for each check, as JSON.

begin isolation level repeatable read read only;

\set expected `cat "$DRILL_RECORD"`

\if :tables
\set record_statement `cat "$MAINTENANCE_FILES/record-statement.sql"`
:record_statement
\gset
:statement
\gset
\else
select '{"tables": []}' as record \gset
\endif

\pset format unaligned
\pset tuples_only on

with compared as (
  select "table", e.rows as expected_rows, f.rows as found_rows, e.checksum as expected, f.checksum as found
    from json_to_recordset(:'expected'::json -> 'tables') as e ("table" text, rows bigint, checksum text)
    full join json_to_recordset(:'record'::json -> 'tables') as f ("table" text, rows bigint, checksum text)
   using ("table")
),

differences as (
  select count(*) filter (where d.difference is not null) as differing,
         count(*) as all_tables,
         sum(d.found_rows) as rows,
         string_agg(d.difference, '; ' order by d."table") as differences
    from (
      select b.*,
             case
               when b.found_rows is null then b."table" || ' is missing'
               when b.found_rows < b.expected_rows - greatest(100, b.expected_rows / 100)
                 or b.found_rows <> b.expected_rows and e.exact
                 then format('%s has %s rows instead of %s', b."table", b.found_rows, b.expected_rows)
               when b.expected_rows is null and e.exact then b."table" || ' is not in the record'
               when b.found <> b.expected and e.exact then b."table" || ' has other values'
             end as difference
        from compared as b
     cross join (select (:'expected'::json ->> 'exact')::boolean) as e (exact)
    ) as d
)

select json_build_object('name', c.name, 'passed', c.passed, 'detail', c.detail)
  from (
    select 1 as place,
           'server' as name,
           (select system_identifier::text from pg_control_system()) = :'expected'::json ->> 'systemIdentifier' as passed,
           format('system identifier %s', (select system_identifier from pg_control_system())) as detail
    union all
    select 2, 'recovery has ended', not pg_is_in_recovery(), format('timeline %s', (select timeline_id from pg_control_checkpoint()))
    union all
    -- If the record is not exact, rows of the transactions that were writing may be restored as well, and rows that they
    -- deleted may be missing: up to a hundredth, or a hundred.
    select 3,
           'rows and checksums',
           d.differing = 0,
           coalesce(
             d.differences,
             format('%s rows in %s tables, %s', d.rows, d.all_tables,
                    case when (:'expected'::json ->> 'exact')::boolean then 'as recorded' else 'about as many as recorded, while transactions wrote' end))
      from differences as d
     where :'tables'
    union all
    select 4,
           'newest row',
           :'record'::json ->> 'newest' >= :'expected'::json ->> 'newest',
           format('of %s, recorded at %s', :'record'::json ->> 'newest', :'expected'::json ->> 'time')
     where :'tables' and :'expected'::json ->> 'newest' is not null
  ) as c
 order by c.place;

commit;
