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
-- Unique, which the longer one is not.
create index things_a_b_idx on public.things (a, b);
-- Columns in another order, or sorted in another one.
create index things_b_a_idx on public.things (b, a);
create index things_b_a_desc_idx on public.things (b, a desc);
create index things_b_nulls_idx on public.things (b nulls first);
create index things_c_desc_idx on public.things (c desc nulls last);
-- Of some rows, by another method or for other operators.
create index things_b_some_idx on public.things (b) where a is not null;
create index things_b_other_idx on public.things (b) where a is null;
create index things_b_hash_idx on public.things using hash (b);
create index things_b_pattern_idx on public.things (b text_pattern_ops);
create index things_c_idx on public.things (c) include (a);
create index things_c_b_idx on public.things (c, b);
