-- Calls a function that deletes one batch of rows and returns how many, each time in a transaction of its own, until a
-- batch is not full or the time is over. What is left then waits for the next run.
--
-- Variables: function, its name in schema public; batch, rows at most in a transaction; seconds, how long to go on.

select set_config('maintenance.function', :'function', false),
       set_config('maintenance.batch', :'batch', false),
       set_config('maintenance.seconds', :'seconds', false) \g /dev/null

do $$
declare
  call constant text := format('select public.%I($1)', current_setting('maintenance.function'));
  batch constant integer := current_setting('maintenance.batch');
  seconds constant integer := current_setting('maintenance.seconds');
  finish constant timestamptz := clock_timestamp() + make_interval(secs => seconds);
  deleted integer;
  total bigint := 0;
begin
  loop
    execute call into deleted using batch;
    commit;
    total := total + deleted;
    exit when deleted < batch or clock_timestamp() >= finish;
  end loop;
  raise notice '% rows deleted%', total, case when deleted < batch then '' else ', and there are more' end;
end;
$$;
