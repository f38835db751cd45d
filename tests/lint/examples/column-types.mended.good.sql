--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  a json,
  b timestamp,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
alter table public.things drop column a;
alter table public.things alter column b type timestamptz using b at time zone 'UTC';
