--! lock_timeout 2s
--! statement_timeout 60s
create table public.owners (
  id uuid not null,
  constraint owners_pkey primary key (id)
);
comment on table public.owners is 'Things.';
create table public.things (
  id uuid not null,
  owner uuid,
  constraint things_pkey primary key (id),
  constraint things_owner_fkey foreign key (owner) references public.owners (id)
);
comment on table public.things is 'Things.';
create index things_owner_idx on public.things (owner);
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
drop index public.things_owner_idx; -- refused: after this
