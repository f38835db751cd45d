--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  a text,
  b text,
  c text,
  constraint things_pkey primary key (id),
  constraint things_a_key unique (a)
);
comment on table public.things is 'Things.';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
create index things_a_idx on public.things using btree (a); -- refused
create index things_b_idx on public.things (b); -- refused
alter table public.things add constraint things_b_key unique (b);
