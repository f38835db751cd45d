--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
alter table public.things set (fillfactor = 90), set unlogged;
alter table public.things add column n bigserial;
cluster public.things using things_pkey;
-- next file
--! no-transaction
--! lock_timeout 2s
--! statement_timeout 60s
vacuum (analyze) public.things;
