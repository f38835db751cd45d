--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
create function public.count_things() returns bigint
  language sql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
  with all_things as (select id from public.things)
  select count(*)
    from all_things, things; -- refused
$$;
