--! lock_timeout 2s
--! statement_timeout 60s
create function public.touch() returns trigger -- refused
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
begin return new; end;
$$;
alter function public.touch() reset search_path;
