--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  name text,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
create index things_name_idx on public.things using gin (name public.gin_trgm_ops);
create type public.kind as enum ('a');
alter table public.things add column kind public.kind;
create function public.touch() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  with gone as (
    delete from public.things returning id
  )
  insert into public.things (id) select id from gone, changed where now() > 'epoch';
  perform 1 from pg_class;
  return null;
end;
$$;
comment on function public.touch() is 'Touches.';
create trigger things_touch after update on public.things
  referencing new table as changed for each statement execute function public.touch();
comment on trigger things_touch on public.things is 'Touches.';
comment on column public.things.name is 'Its name.';
comment on schema public is 'All of it.';
drop trigger things_touch on public.things;
select 'public.things'::regclass;
