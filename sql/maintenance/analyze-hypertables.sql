-- One analyze for each hypertable of ours, a statement a line. TimescaleDB passes it on to the chunks.
select format('analyze %I.%I', hypertable_schema, hypertable_name)
  from timescaledb_information.hypertables
 where pg_has_role(owner, 'usage')
 order by hypertable_schema, hypertable_name;
