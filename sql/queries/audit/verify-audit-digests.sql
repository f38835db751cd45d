--! database sark_audit
--! login readonly
--! param within interval = 7 days -- days whose rows are read and digested anew; all digests are checked in any case
--! param kept_head text = none -- a head that was noted elsewhere, such as from the server's log, in hexadecimal
--! returns status, hypertable, day, rows_then, rows_now, head
--! timeout 4min

-- Is the audit trail as it was when its days were digested?
--
-- What is wrong comes first. "rows changed", "rows missing", "rows added": the day is not what was digested. "chain
-- broken": a digest was edited, or one before it is gone. "not digested": the job does not run, or the digest is gone.
-- "older than the chain": rows of days that had none when the chain began. "head not in the chain": the chain was made
-- anew since the head was noted. "expired early": retention took rows sooner than was set when they were digested.
--
-- "intact" and "expired" are as they should be, "not read" is a day before `within`. About ten seconds for a million
-- rows. Keep the newest head of each hypertable where nobody of the database's can write: with it, all before is proved.

with chain as (
  select d.*,
         public.audit_digest_head(d) as right_head,
         pg_catalog.lag(d.head) over w as head_before,
         pg_catalog.lag(d.day) over w as day_before
    from public.audit_digests as d
  window w as (partition by d.hypertable order by d.day)
),

-- Materialized, so that no row of another day is read.
chosen as materialized (
  select c.hypertable, c.day, c.version
    from chain as c
   where c.day >= ((pg_catalog.now() - :within) at time zone 'UTC')::date
),

days as (
  select c.*,
         c.head <> c.right_head
           or c.previous_head <> coalesce(c.head_before, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex'))
           or c.day <> c.day_before + 1
           -- A version that there is not.
           or (c.day >= ((pg_catalog.now() - :within) at time zone 'UTC')::date and r.hypertable is null) as broken,
         r.row_count as rows_now,
         r.rows_digest as digest_now
    from chain as c
    left join (
      select h.hypertable, h.day, n.row_count, n.rows_digest
        from chosen as h
       cross join lateral public.audit_day_digest(h.hypertable, h.day, h.version) as n
       where exists (select from public.audit_digest_columns(h.hypertable, h.version))
    ) as r on (r.hypertable, r.day) = (c.hypertable, c.day)
),

hypertables as (
  select t.name, pg_catalog.min(d.day) as first_day, pg_catalog.max(d.day) as last_day
    from pg_catalog.unnest(array['audit_events', 'policy_evaluations', 'siem_events']) as t (name)
    left join public.audit_digests as d on d.hypertable = t.name
   group by t.name
),

oldest (name, at) as (
  select 'audit_events', pg_catalog.min(r.time) from public.audit_events as r
  union all
  select 'policy_evaluations', pg_catalog.min(r.time) from public.policy_evaluations as r
  union all
  select 'siem_events', pg_catalog.min(r.time) from public.siem_events as r
),

findings as (
  select case
           when d.broken then 'chain broken'
           when d.rows_now is null then 'not read'
           when d.rows_now = d.row_count and d.digest_now = d.rows_digest then 'intact'
           when d.rows_now > d.row_count then 'rows added'
           when d.rows_now = d.row_count then 'rows changed'
           -- Retention drops a chunk when all of it is too old, and the first chunk of a day is the first to go.
           when d.day::timestamp at time zone 'UTC' < pg_catalog.now() - d.kept then 'expired'
           when d.day::timestamp at time zone 'UTC' < pg_catalog.now() - (j.config ->> 'drop_after')::interval
             then 'expired early'
           else 'rows missing'
         end as status,
         d.hypertable, d.day, d.row_count as rows_then, d.rows_now, pg_catalog.encode(d.head, 'hex') as head
    from days as d
    left join timescaledb_information.jobs as j
      on j.proc_name = 'policy_retention' and (j.hypertable_schema, j.hypertable_name) = ('public', d.hypertable)
  union all
  -- A day is digested three hours into the next, and an hour later at the latest.
  select 'not digested', h.name, missing.day, null, null, null
    from hypertables as h
   cross join lateral (
     select pg_catalog.generate_series(
              coalesce(h.last_day + 1, ((pg_catalog.now() - interval '4 hours') at time zone 'UTC')::date - 1)::timestamp,
              ((pg_catalog.now() - interval '4 hours') at time zone 'UTC')::date - 1,
              '1 day')::date as day
   ) as missing
  union all
  select 'older than the chain', h.name, (o.at at time zone 'UTC')::date, null, null, null
    from hypertables as h
    join oldest as o using (name)
   where (o.at at time zone 'UTC')::date < h.first_day
  union all
  select 'head not in the chain', null, null, null, null, :kept_head
   where :kept_head <> 'none'
     and not exists (select from public.audit_digests as d where pg_catalog.encode(d.head, 'hex') = :kept_head)
)

select f.status, f.hypertable, f.day, f.rows_then, f.rows_now, f.head
  from findings as f
 order by f.status in ('intact', 'expired', 'not read'), f.hypertable, f.day desc;
