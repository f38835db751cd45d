--! lock_timeout 2s
--! statement_timeout 60s
create table public.made (
  id uuid not null,
  name text,
  constraint made_pkey primary key (id)
);
comment on table public.made is 'Made.';
insert into public.made (id) select id from public.things on conflict (id) do update set name = excluded.name;
update public.made set name = 'x';
delete from public.made;
truncate public.made;
create temporary table mine as select id from public.things;
delete from mine;
update public.things set name = 'x' where name is null;
update public.things set name = 'x' where id = id and name = 'y';
delete from public.things where random() = random() or null = null;
merge into public.things as t using mine as m on t.id = m.id when matched then delete;
merge into public.things as t using mine as m on true when matched and t.id = m.id then delete;
delete from public.things using mine where things.id = mine.id;
create function public.clear() returns void
  language sql security invoker set search_path = pg_catalog, pg_temp
  begin atomic
    delete from public.things;
  end;
