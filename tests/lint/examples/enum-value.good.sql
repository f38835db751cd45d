--! lock_timeout 2s
--! statement_timeout 60s
create type public.state as enum ('new', 'old');
alter type public.state add value 'kept' after 'new';
create table public.things (
  id uuid not null,
  name text not null,
  state public.state not null default 'kept',
  constraint things_pkey primary key (id)
);
comment on table public.things is 'Things.';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
alter type public.state add value 'lost';
update public.things set name = 'lost' where state = 'old';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
update public.things set state = 'lost' where state = 'old';
