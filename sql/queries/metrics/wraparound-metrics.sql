--! database sark sark_audit
--! login monitor
--! server primary
--! returns transaction_age, multixact_age
--! gauge transaction_age -- Age of the oldest transaction ID that is not frozen, in any database of the server.
--! gauge multixact_age -- Age of the oldest multixact ID, in any database of the server.

-- How close is the server to transaction ID wraparound?
--
-- Just before two thousand million it stops accepting writes. transaction-age names the tables.

select max(pg_catalog.age(d.datfrozenxid)) as transaction_age,
       max(pg_catalog.mxid_age(d.datminmxid)) as multixact_age
  from pg_catalog.pg_database as d
 -- A permanent ID has no age, and age() returns the largest integer for it.
 where pg_catalog.age(d.datfrozenxid) < 2147483647;
