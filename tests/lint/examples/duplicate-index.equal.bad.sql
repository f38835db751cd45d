--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  a text,
  b text,
  c text,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
create unique index things_a_key on public.things (a) where b is not null;
create unique index things_a_once_more_key on public.things (a) -- refused
  where b is not null;
