-- One analyze for each hypertable of ours, a statement a line. TimescaleDB passes it on to the chunks; the function
-- runs as the owner, of which the login is no member.
select format('select public.analyze_hypertable(%L)', format('%I.%I', hypertable_schema, hypertable_name))
  from timescaledb_information.hypertables
 where owner = 'sark_audit_owner' and hypertable_schema = 'public'
 order by hypertable_schema, hypertable_name;
