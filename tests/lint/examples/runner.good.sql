--! lock_timeout 2s
--! statement_timeout 60s
create function public.nothing() returns void
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  -- commit;
  perform ';';
end;
$$;
