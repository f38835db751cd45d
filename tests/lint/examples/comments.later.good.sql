--! lock_timeout 2s
--! statement_timeout 60s
create table public.thing (
  id uuid not null,
  constraint things_pkey primary key (id)
);
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
alter table public.thing rename to things;
comment on table public.things is 'Things.';
