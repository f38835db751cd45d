--! lock_timeout 2s
--! statement_timeout 60s
create table public.things ( -- refused
  id uuid not null,
  constraint things_id_key unique (id)
);
comment on table public.things is 'Things.';
create table public.copies as select id from public.things; -- refused
comment on table public.copies is 'The same again.';
