--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
select public.show_chunks('public.things'); -- refused
select count(*) from timescaledb_information.jobs; -- refused
alter table public.things set (timescaledb.orderby = 'id'); -- refused
create function public.count_chunks() returns bigint
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  return count(*) from public.show_chunks('public.things'); -- refused
end;
$$;
