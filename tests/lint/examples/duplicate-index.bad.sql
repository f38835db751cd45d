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
create index things_a_idx on public.things (a); -- refused
create index things_a_b_idx on public.things (a, b);
create index things_id_idx on public.things (id); -- refused
create index things_lower_idx on public.things (lower(b)); -- refused
create index things_lower_c_idx on public.things (lower(b), c);
