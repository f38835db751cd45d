--! lock_timeout 2s
--! statement_timeout 60s
lock table public.things; -- refused: reads and writes of public.things
lock table public.things in share mode; -- refused: blocks writes
lock table public.things, public.others in exclusive mode nowait; -- refused: public.things, public.others
lock table public.things in share row exclusive mode; -- refused
do $$
begin
  lock table only public.things in access exclusive mode; -- refused
end;
$$;
