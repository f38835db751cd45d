--! lock_timeout 2s
--! statement_timeout 60s
comment on schema public is 'What the application keeps.';
alter system set work_mem = '1GB'; -- refused
