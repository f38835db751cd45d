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
create index things_b_idx on public.things using gin (b public.gin_trgm_ops); -- refused
create index things_a_b_idx on public.things using gin (a public.gin_trgm_ops, b public.gin_trgm_ops);
