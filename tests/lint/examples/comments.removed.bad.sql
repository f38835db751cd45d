--! lock_timeout 2s
--! statement_timeout 60s
create table public.things ( -- refused
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
comment on table public.things is null;
