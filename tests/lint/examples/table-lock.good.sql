--! lock_timeout 2s
--! statement_timeout 60s
create table public.made (
  id uuid not null,
  constraint made_pkey primary key (id)
);
comment on table public.made is 'Made.';
lock table public.made;
create temporary table mine (id uuid);
lock table mine;
lock table public.things in access share mode;
lock table public.things in row share mode;
lock table public.things in row exclusive mode;
lock table public.things in share update exclusive mode;
