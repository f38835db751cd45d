--! lock_timeout 2s
--! statement_timeout 60s

-- Rate limiting: one row for each thing that is limited, updated in place with every request.

-- Unlogged: this is the table with the most writes and the least to lose. It writes no WAL and is not
-- replicated; after a crash or a failover it is empty, and each limit starts anew, by one window at most.
create unlogged table public.rate_limits (
  bucket text not null,
  window_seconds integer not null,
  window_start timestamptz not null,
  hits integer not null,
  previous_hits integer not null default 0,

  constraint rate_limits_pkey primary key (bucket),
  constraint rate_limits_bucket_length check (char_length(bucket) between 1 and 255),
  constraint rate_limits_window_seconds_range check (window_seconds between 1 and 86400),
  constraint rate_limits_hits_not_negative check (hits >= 0 and previous_hits >= 0)
) with (
  -- Half of each page is left for the next versions of its rows. No index but the primary key, so that every
  -- update is heap-only and pages clean themselves; vacuum is for what clean-up deletes, and does not pause.
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.1,
  autovacuum_vacuum_cost_delay = 0
);

comment on table public.rate_limits is 'Counters of the current and the previous window, written by take_rate_limit().';
comment on column public.rate_limits.bucket is 'What is limited and who: login:203.0.113.7, api:<key id>.';
comment on column public.rate_limits.previous_hits is 'Hits of the window just before; they count in part, so that a limit cannot be had twice around a boundary.';

-- Windows are aligned to the clock. The previous window weighs as much as its part of the last window_seconds:
-- 15 s into a minute, three quarters. What is refused is not counted, and one window never holds more than max_hits.
--
-- The upsert takes the row lock, so concurrent calls for one bucket are counted one after another. A call that
-- waited may find a window later than its own; it counts there, with the previous window at full weight.
create function public.take_rate_limit(bucket text, max_hits integer, window_seconds integer default 60)
  returns table (allowed boolean, remaining integer, reset_at timestamptz)
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  width constant interval := make_interval(secs => take_rate_limit.window_seconds);
  -- Not now(): that is when the transaction began, which may be a window ago.
  called_at constant timestamptz := clock_timestamp();
  started_at constant timestamptz := date_bin(width, called_at, 'epoch');
  weight constant double precision :=
    1 - extract(epoch from called_at - started_at) / take_rate_limit.window_seconds;
  counted integer;
begin
  insert into public.rate_limits as r (bucket, window_seconds, window_start, hits)
  select take_rate_limit.bucket, take_rate_limit.window_seconds, started_at, 1
   where take_rate_limit.max_hits >= 1
  on conflict (bucket) do update
     set window_seconds = excluded.window_seconds,
         window_start = greatest(r.window_start, excluded.window_start),
         hits = case when r.window_start >= started_at then r.hits + 1 else 1 end,
         previous_hits = case
           when r.window_start >= started_at then r.previous_hits
           when r.window_start = started_at - width then r.hits
           else 0
         end
   where take_rate_limit.max_hits >= 1 + case
           when r.window_start > started_at then r.hits + r.previous_hits
           when r.window_start = started_at then r.hits + r.previous_hits * weight
           when r.window_start = started_at - width then r.hits * weight
           else 0
         end
  returning r.hits into counted;

  return query
  select counted is not null,
         greatest(take_rate_limit.max_hits - coalesce(counted, take_rate_limit.max_hits), 0),
         started_at + width;
end;
$$;

comment on function public.take_rate_limit(text, integer, integer) is 'Counts one hit if the limit allows it; says whether it did, how many are left in this window at most, and when it ends.';

-- The table holds what was active lately and fits in memory, so a scan finds the idle rows; an index on
-- window_start would cost every update its heap-only way.
create function public.delete_idle_rate_limits(batch_size integer default 10000) returns integer
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
declare
  deleted integer;
begin
  delete from public.rate_limits
   where bucket in (
     select r.bucket
       from public.rate_limits as r
      where r.window_start < now() - 2 * make_interval(secs => r.window_seconds)
      limit batch_size
        for update skip locked
   );
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

comment on function public.delete_idle_rate_limits(integer) is 'Deletes one batch of counters that no longer weigh on anything; returns how many.';
