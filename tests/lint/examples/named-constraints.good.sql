--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid constraint things_pkey primary key,
  a integer null,
  b integer generated always as (a) stored,
  c integer constraint things_c_key unique deferrable initially deferred,
  d integer constraint things_d_key unique not deferrable initially immediate,
  number bigint generated always as identity,
  name text not null default '' constraint things_name_check check (name <> 'x')
);
comment on table public.things is 'Things.';
