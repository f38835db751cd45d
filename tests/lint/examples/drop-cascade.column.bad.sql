--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  name text,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
alter table public.things drop column name cascade, add column other text; -- refused
drop owned by sark_reader; -- refused
