--! lock_timeout 2s
--! statement_timeout 60s

-- Clean-up that keeps to its batch whatever the plan.
--
-- With "where id in (select ... limit n for update skip locked)" the planner may run the inner query once for each row
-- of the table: each time it finds other rows to lock, and one call deletes far more than a batch. An array is made
-- once, before the rows are looked up by their key.

create or replace function public.delete_expired_sessions(
  batch_size integer default 1000,
  grace interval default '0'
) returns integer
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
declare
  deleted integer;
begin
  delete from public.sessions
   where id = any (array(
     select s.id
       from public.sessions as s
      where s.expires_at <= now() - grace
      order by s.expires_at
      limit batch_size
        for update skip locked
   ));
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

create or replace function public.delete_idle_rate_limits(batch_size integer default 10000) returns integer
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
declare
  deleted integer;
begin
  delete from public.rate_limits
   where bucket = any (array(
     select r.bucket
       from public.rate_limits as r
      where r.window_start < now() - 2 * make_interval(secs => r.window_seconds)
      limit batch_size
        for update skip locked
   ));
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;
