-- Dumps the database in one snapshot, after a record of what its tables hold in it. For psql; maintenance-dump.sh runs
-- it.

begin isolation level repeatable read read only;

select pg_export_snapshot() as snapshot,
       clock_timestamp() as started,
       pg_database_size(current_database()) as bytes
\gset

\set record_statement `cat "$MAINTENANCE_FILES/record-statement.sql"`
:record_statement
\gset
:statement
\gset

-- A dump holds exactly the rows of its snapshot, whoever is writing.
\pset format unaligned
\pset tuples_only on
select json_build_object(
         'database', current_database(),
         'postgresql', current_setting('server_version'),
         'time', to_char(:'started'::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'databaseBytes', :bytes,
         'record', :'record'::jsonb || '{"exact": true}')
\g :start_file

\setenv DUMP_SNAPSHOT :snapshot
\! bash "$MAINTENANCE_FILES/maintenance-stream.sh"

commit;
