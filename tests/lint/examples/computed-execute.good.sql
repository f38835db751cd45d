--! lock_timeout 2s
--! statement_timeout 60s
do $$
declare
  number bigint;
begin
  if exists (select 1 from pg_tables where schemaname = 'old') then
    execute 'analyze old.things';
    execute format('analyze old.others');
    execute 'select count(*) from ' || 'old.things' into number;
  end if;
end;
$$;
