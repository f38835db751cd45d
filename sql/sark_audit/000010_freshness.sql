--! lock_timeout 2s
--! statement_timeout 60s
--! role sark_audit_witness

-- Lets monitoring see how fresh the trail is, and nothing of its rows. The witness can read trail and digests, and the
-- owner of the trail cannot change the function.
create function public.audit_freshness()
  returns table (hypertable name, newest timestamptz, last_digest date)
  language sql
  stable
  security definer
  set search_path = pg_catalog, pg_temp
as $$
  select t.hypertable, t.newest, (select max(d.day) from public.audit_digests as d where d.hypertable = t.hypertable)
    from (
      select 'audit_events'::name as hypertable, (select max(r.time) from public.audit_events as r) as newest
      union all
      select 'policy_evaluations', (select max(r.time) from public.policy_evaluations as r)
      union all
      select 'siem_events', (select max(r.time) from public.siem_events as r)
    ) as t
$$;

comment on function public.audit_freshness() is 'Time of the newest row of each hypertable, and the last day that was digested.';

revoke all on function public.audit_freshness() from public;
grant execute on function public.audit_freshness() to pg_monitor;
