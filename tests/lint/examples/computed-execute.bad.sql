--! lock_timeout 2s
--! statement_timeout 60s
do $$
declare
  name text;
begin
  for name in select tablename from pg_tables where schemaname = 'old' loop
    execute format('analyze old.%I', name); -- refused: cannot read
  end loop;
  execute 'analyze old.' || name;
end;
$$;
