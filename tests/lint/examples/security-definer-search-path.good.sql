--! lock_timeout 2s
--! statement_timeout 60s
create function public.touch() returns trigger
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
begin return new; end;
$$;
create function public.count_things(a integer, out b text) returns text
  language sql
  security definer
as $$
select 'x';
$$;
alter function public.count_things(integer) set search_path = pg_catalog, public, pg_temp;
