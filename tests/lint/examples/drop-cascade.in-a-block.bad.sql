--! lock_timeout 2s
--! statement_timeout 60s
do $$
begin
  if exists (select 1 from pg_tables where tablename = 'things') then
    drop table public.things cascade; -- refused
  end if;
end;
$$;
