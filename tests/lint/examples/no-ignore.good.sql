--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
insert into public.things (id) values ('5d5b5e2c-7a52-4f0b-8f4a-0f3a2f8d1c11');
