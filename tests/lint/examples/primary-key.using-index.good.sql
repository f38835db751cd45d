--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null
);
comment on table public.things is 'Things.';
create unique index things_key on public.things (id);
alter table public.things add constraint things_pkey primary key using index things_key;
