--! lock_timeout 2s
--! statement_timeout 60s
create table things ( -- refused
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table things is 'Things.'; -- refused
create table public.parts (
  id uuid not null,
  thing uuid,
  name text,
  constraint parts_pkey primary key (id),
  constraint parts_thing_fkey foreign key (thing) references things (id) -- refused
);
comment on table public.parts is 'Parts.';
create index parts_thing_idx on public.parts (thing);
create index parts_name_idx on public.parts using gin (name gin_trgm_ops); -- refused
drop index parts_name_idx; -- refused
create type kind as enum ('a'); -- refused
alter table public.parts
  add column kind kind, -- refused
  add column other uuid default uuid_generate_v4(); -- refused
create function touch() returns trigger -- refused
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  delete from parts; -- refused
  new.name := lower(new.name);
  return new;
end;
$$;
comment on function touch() is 'Touches.'; -- refused
create trigger parts_touch before update on public.parts -- refused
  for each row execute function touch();
comment on column parts.name is 'Its name.'; -- refused
drop trigger parts_touch on parts; -- refused
select 'parts'::regclass; -- refused
select nextval('parts_seq'); -- refused
select touch(); -- refused
create aggregate public.total(integer) (sfunc = pg_catalog.int4pl, stype = integer);
select total(1); -- refused
alter function public.touch() rename to touched;
select touched(); -- refused
create type public.span as range (subtype = integer);
create domain public.short as text;
create type public.pair as (a integer, b integer);
create type span_too as range (subtype = integer); -- refused
create domain short_too as text; -- refused
create aggregate total_too(integer) (sfunc = pg_catalog.int4pl, stype = integer); -- refused
create statistics parts_stats on id, name from public.parts; -- refused
alter table public.parts
  add column a span, -- refused
  add column b short, -- refused
  add column c pair, -- refused
  add column d things; -- refused
