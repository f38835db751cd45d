--! lock_timeout 2s
--! statement_timeout 60s
create type public.state as enum ('new', 'old');
create table public.things (
  id uuid not null,
  state public.state not null,
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
alter type public.state add value 'kept' after 'new';
select 'kept'::public.state; -- refused: Value 'kept' of public.state
update public.things
   set state = 'kept' -- refused
 where state = 'old';
alter table public.things alter column state set default 'kept'; -- refused
