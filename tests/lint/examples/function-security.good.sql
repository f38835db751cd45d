--! lock_timeout 2s
--! statement_timeout 60s
create function public.touch() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin return new; end;
$$;
create function public.count_things() returns integer
  language sql
  set search_path = pg_catalog, pg_temp
as $$
select 1;
$$;
alter function public.count_things() security definer;
