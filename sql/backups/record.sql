-- Takes a snapshot of the primary, and makes a record of it if no transaction was writing. For psql; restore-record.sh
-- runs it until it does. With `last` on, the record is made in any case, and says that it is not exact.

\set writers `cat "$MAINTENANCE_FILES/writers.sql"`
:writers
\gset

begin isolation level repeatable read read only;

\set record_statement `cat "$MAINTENANCE_FILES/record-statement.sql"`
:record_statement
\gset

select e.exact, e.exact or :'last'::boolean as wanted from (select :'before' = :'lsn' and :writers = 0) as e (exact)
\gset

\if :wanted
\if :tables
:statement
\gset
\else
select json_build_object(
         'database', current_database(),
         'systemIdentifier', (select system_identifier::text from pg_control_system()),
         'lsn', :'lsn',
         'time', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
         'tables', json_build_array()) as record
\gset
\endif
commit;

-- Recovery to the record has to find something later in the WAL, also if nobody else writes: the commit of a transaction
-- that has an id.
select pg_current_xact_id() as transaction \gset
select pg_current_wal_insert_lsn() as until \gset

\pset format unaligned
\pset tuples_only on
select :'record'::jsonb || jsonb_build_object('exact', :'exact'::boolean, 'until', :'until')
\g :record_file
\endif
