--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
create view public.all_things as select id from public.things;
comment on view public.all_things is 'The same again.';
