--! lock_timeout 2s
--! statement_timeout 60s
create function public.touch() returns trigger -- refused
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
begin return new; end;
$$;
