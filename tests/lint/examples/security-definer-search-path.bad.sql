--! lock_timeout 2s
--! statement_timeout 60s
create function public.touch() returns trigger -- refused
  language plpgsql
  security definer
as $$
begin return new; end;
$$;
create function public.b() returns trigger -- refused
  language plpgsql
  security invoker
as $$
begin return new; end;
$$;
create function public.c() returns trigger -- refused
  language plpgsql
  security definer
  set search_path = pg_catalog
as $$
begin return new; end;
$$;
create function public.d() returns trigger -- refused
  language plpgsql
  security definer
  set search_path = pg_temp, pg_catalog
as $$
begin return new; end;
$$;
create function public.e() returns trigger -- refused
  language plpgsql
  security definer
  set search_path = public, pg_temp
as $$
begin return new; end;
$$;
create function public.f() returns trigger -- refused
  language plpgsql
  security definer
  set search_path = pg_catalog, "$user", pg_temp
as $$
begin return new; end;
$$;
create function public.g() returns trigger -- refused
  language plpgsql
  security definer
  set search_path from current
as $$
begin return new; end;
$$;
create function public.h() returns trigger -- refused
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp, public, pg_temp
as $$
begin return new; end;
$$;
