--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
grant select on public.things to sark_reader;
revoke all on public.things from public;
alter default privileges in schema public revoke select on tables from public;
