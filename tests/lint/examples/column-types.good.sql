--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  a jsonb,
  b jsonb[],
  c numeric,
  d timestamptz not null,
  e time,
  f bytea,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
