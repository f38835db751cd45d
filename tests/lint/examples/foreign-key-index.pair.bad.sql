--! lock_timeout 2s
--! statement_timeout 60s
create table public.parts (
  id uuid not null,
  part uuid not null,
  constraint parts_pkey primary key (id),
  constraint parts_part_key unique (part, id)
);
comment on table public.parts is 'Things.';
create table public.uses (
  id uuid not null,
  thing uuid not null,
  part uuid not null,
  name text not null,
  constraint uses_pkey primary key (id),
  constraint uses_part_fkey foreign key (part, thing) references public.parts (part, id) -- refused
);
comment on table public.uses is 'Where parts are used.';
create index uses_thing_name_idx on public.uses (thing, name, part);
create unique index uses_part_name_key on public.uses (part, name);
