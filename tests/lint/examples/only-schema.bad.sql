--! lock_timeout 2s
--! statement_timeout 60s
create role somebody; -- refused
grant sark_reader to sark_writer; -- refused
create extension hstore; -- refused
alter role sark_reader set work_mem = '1GB'; -- refused
alter database sark set work_mem = '1GB'; -- refused
alter function public.touch() owner to sark_writer; -- refused
alter table public.things owner to sark_writer; -- refused: write --! role
alter database sark rename to other; -- refused
alter role sark_reader rename to other; -- refused
drop extension pg_trgm; -- refused
reassign owned by sark_reader to sark_owner; -- refused
