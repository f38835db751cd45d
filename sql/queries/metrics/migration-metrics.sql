--! database sark sark_audit
--! login monitor
--! server primary
--! returns migrations_applied, migrations_unfinished
--! gauge migrations_applied -- Migration files in the ledger.
--! gauge migrations_unfinished -- Migration files outside of a transaction that began and did not finish.

-- How many migrations are applied, and did one stop half-way?
--
-- An unfinished one is running now, or failed: `npm run up` finishes or repeats it.

select (select count(*) from sark_migrations.applied as a) as migrations_applied,
       (select count(*) from sark_migrations.started as s) as migrations_unfinished;
