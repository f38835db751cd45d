--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid primary key, -- refused
  name text not null check (name <> ''), -- refused
  unique (name) -- refused
);
comment on table public.things is 'Things.';
create index on public.things (id, name); -- refused
