--! lock_timeout 2s
--! statement_timeout 60s
create table public.things (
  id uuid not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
-- squawk-ignore ban-drop-column -- refused
alter table public.things drop column if exists name;
/* squawk-ignore-file */ -- refused
