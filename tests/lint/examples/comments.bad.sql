--! lock_timeout 2s
--! statement_timeout 60s
create table public.things ( -- refused: comment on table public.things is
  id uuid not null,
  constraint things_pkey primary key (id)
);
create view public.all_things as select id from public.things; -- refused: write comment on view public.all_things is
create materialized view public.kept_things as select id from public.things; -- refused: write comment on materialized view public.kept_things is
