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
cluster public.things using things_pkey; -- refused
alter table public.things set (fillfactor = 90), set unlogged; -- refused
alter table public.things set logged; -- refused
alter table public.things set tablespace other; -- refused
alter table public.things set access method heap; -- refused
alter table public.things add column n bigserial; -- refused: add a bigint column
-- next file
--! no-transaction
--! lock_timeout 2s
--! statement_timeout 60s
vacuum (analyze, full) public.things; -- refused
