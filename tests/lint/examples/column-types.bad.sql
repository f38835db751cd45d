--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  a json, -- refused
  b json[], -- refused
  c money, -- refused
  d timestamp not null, -- refused
  e time with time zone, -- refused
  f bit(8), -- refused
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
