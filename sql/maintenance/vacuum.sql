-- One vacuum for each table, a statement a line.
--
-- Variable: tables, their names with commas between.
--
-- Indexes are cleaned however few dead entries they have, which autovacuum leaves out below 2 % of a table's pages.
-- Tables are not cut short: that takes an exclusive lock, and reads on a stand-by are cancelled when it gets there.
select format('vacuum (analyze, index_cleanup on, truncate off) %s', name::regclass)
  from string_to_table(:'tables', ',') as name;
