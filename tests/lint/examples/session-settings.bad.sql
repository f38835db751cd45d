--! lock_timeout 2s
--! statement_timeout 60s
set work_mem = '1GB'; -- refused
set local lock_timeout = '1h'; -- refused
set local search_path = public; -- refused
set role sark_writer; -- refused
set local role sark_writer; -- refused
set local statement_timeout = 0; -- refused
set local transaction_timeout = 0; -- refused
set local idle_in_transaction_session_timeout = 0; -- refused
set local session authorization sark_writer; -- refused
set work_mem to default; -- refused: set local
reset all; -- refused
select set_config('search_path', 'public', true); -- refused
select set_config('work_mem', '1GB', false); -- refused
do $$
begin
  perform set_config('role', 'sark_writer', true); -- refused
end;
$$;
