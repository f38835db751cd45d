--! lock_timeout 2s
--! statement_timeout 60s
truncate public.things, public.others; -- refused: public.things, public.others:
truncate public.things cascade; -- refused: refers to it
update public.things set name = 'x'; -- refused: updates all rows
delete from public.things; -- refused: deletes all rows
delete from only public.things as t using public.others where true; -- refused
update public.things set name = 'x' where 1 = 1; -- refused: updates all rows
update public.things as t set name = 'x' where t.id = t.id; -- refused
delete from public.things where name = 'x' or true; -- refused
delete from public.things where 'a' = 'a' and (id = id or name = 'x'); -- refused
merge into public.things as t using public.others as o on true when matched then delete; -- refused: deletes all rows
merge into public.things as t using public.others as o on 1 = 1 -- refused: updates all rows
when matched and o.name = 'x' then do nothing
when matched then update set name = o.name;
with gone as (
  delete from public.things returning * -- refused
)
select count(*) from gone;
do $$
begin
  execute 'update public.things set name = null'; -- refused
end;
$$;
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
create table public.made (
  id uuid not null,
  constraint made_pkey primary key (id)
);
comment on table public.made is 'Made.';
-- next file
--! lock_timeout 2s
--! statement_timeout 60s
truncate public.made; -- refused
