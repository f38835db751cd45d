--! lock_timeout 2s
--! statement_timeout 60s
create function public.nothing() returns void
  language plpgsql
as $$ -- refused
begin
  selec 1;
end;
$$;
