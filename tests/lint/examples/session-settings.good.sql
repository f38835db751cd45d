--! lock_timeout 2s
--! statement_timeout 60s
set local work_mem = '1GB';
select set_config('work_mem', '1GB', true);
