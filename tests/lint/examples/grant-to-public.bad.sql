--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
grant select on public.things to sark_reader, public; -- refused
alter default privileges in schema public grant select on tables to public; -- refused
