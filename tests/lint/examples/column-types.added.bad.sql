--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
alter table public.things
  add column a text,
  add column b json; -- refused
alter table public.things alter column a type timestamp using now(); -- refused
