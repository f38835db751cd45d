--! lock_timeout 2s
--! statement_timeout 60s
--! role sark_audit_witness

-- A digest of every day of the trail, chained to the day before: who changes, removes or adds a row afterwards cannot
-- make the digests fit, because they belong to a role that does not own the trail and that its owner is no member of.
-- Each new head is written to the server's log as well, which is kept elsewhere: so a chain that was made anew shows.
--
-- Nothing here calls what the trail's owner could have made: names are qualified, and a table whose columns are not of
-- the types listed below, or that is a view by now, is refused before it is read.

create table public.audit_digests (
  hypertable text not null,
  day date not null,
  version integer not null,
  row_count bigint not null,
  rows_digest bytea not null,
  kept interval,
  digested_at timestamptz not null,
  previous_head bytea not null,
  head bytea not null,

  constraint audit_digests_pkey primary key (hypertable, day),
  constraint audit_digests_head_key unique (head),
  constraint audit_digests_row_count_not_negative check (row_count >= 0),
  constraint audit_digests_are_sha256 check (
    octet_length(rows_digest) = 32 and octet_length(previous_head) = 32 and octet_length(head) = 32
  )
);

comment on table public.audit_digests is 'One digest for each hypertable and day (UTC) that is over, each chained to the day before; append-only.';
comment on column public.audit_digests.version is 'Which columns were digested: audit_digest_columns(hypertable, version).';
comment on column public.audit_digests.rows_digest is 'SHA-256 over the digests of the day''s minutes, those over the digests of their rows.';
comment on column public.audit_digests.kept is 'How long retention kept rows when the day was digested; null for ever.';
comment on column public.audit_digests.previous_head is 'The head of the day before; 32 zero bytes for the first day.';
comment on column public.audit_digests.head is 'SHA-256 over the head before and this row.';

revoke all on public.audit_digests from public;
grant select on public.audit_digests to sark_audit_reader;

create function public.refuse_to_redigest() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% of %.% refused: it is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end;
$$;

create trigger audit_digests_append_only
  before update or delete or truncate on public.audit_digests
  for each statement execute function public.refuse_to_redigest();

-- The columns that a version digests, in its order, as name and type; the first two are the key, which orders the rows.
-- A table that gets a column gets a version: a new branch in a new file, and the old ones stay for the old days.
create function public.audit_digest_columns(hypertable text, version integer)
  returns table (name name, type text)
  language sql
  immutable
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
  select c.name::name, c.type
    from (
      values
        ('audit_events', 1, 1, 'time', 'timestamp with time zone'),
        ('audit_events', 1, 2, 'event_id', 'uuid'),
        ('audit_events', 1, 3, 'event_type', 'text'),
        ('audit_events', 1, 4, 'user_id', 'uuid'),
        ('audit_events', 1, 5, 'resource_type', 'text'),
        ('audit_events', 1, 6, 'resource_id', 'text'),
        ('audit_events', 1, 7, 'action', 'text'),
        ('audit_events', 1, 8, 'status', 'text'),
        ('audit_events', 1, 9, 'ip_address', 'inet'),
        ('audit_events', 1, 10, 'details', 'jsonb'),
        ('policy_evaluations', 1, 1, 'time', 'timestamp with time zone'),
        ('policy_evaluations', 1, 2, 'evaluation_id', 'uuid'),
        ('policy_evaluations', 1, 3, 'policy_name', 'text'),
        ('policy_evaluations', 1, 4, 'policy_version', 'integer'),
        ('policy_evaluations', 1, 5, 'user_id', 'uuid'),
        ('policy_evaluations', 1, 6, 'action', 'text'),
        ('policy_evaluations', 1, 7, 'resource', 'text'),
        ('policy_evaluations', 1, 8, 'decision', 'boolean'),
        ('policy_evaluations', 1, 9, 'cache_hit', 'boolean'),
        ('policy_evaluations', 1, 10, 'duration_ms', 'integer'),
        ('siem_events', 1, 1, 'time', 'timestamp with time zone'),
        ('siem_events', 1, 2, 'event_id', 'uuid'),
        ('siem_events', 1, 3, 'event_type', 'text'),
        ('siem_events', 1, 4, 'severity', 'text'),
        ('siem_events', 1, 5, 'destination', 'text'),
        ('siem_events', 1, 6, 'status', 'text'),
        ('siem_events', 1, 7, 'audit_event_id', 'uuid'),
        ('siem_events', 1, 8, 'payload', 'jsonb'),
        ('siem_events', 1, 9, 'error', 'text')
    ) as c (hypertable, version, place, name, type)
   where (c.hypertable, c.version) = ($1, $2)
   order by c.place;
$$;

-- Refuses to go on where reading the table could run code of its owner's. The lock keeps it as it is until the
-- transaction is over.
create function public.require_digestible(hypertable text, version integer) returns void
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant bigint := count(*) from public.audit_digest_columns(hypertable, version);
begin
  if wanted = 0 then
    raise exception 'there is no version % of the digests of %', version, hypertable
      using errcode = 'invalid_parameter_value';
  end if;
  execute format('lock table only public.%I in access share mode', hypertable);
  if wanted <> (
    select count(*)
      from pg_class as t
      join pg_attribute as a on a.attrelid = t.oid and not a.attisdropped and a.attgenerated = ''
      join public.audit_digest_columns(hypertable, version) as c
        on c.name = a.attname and c.type = format_type(a.atttypid, null)
     where t.relnamespace = 'public'::regnamespace and t.relname = hypertable
       and t.relkind = 'r' and not t.relrowsecurity
  ) then
    raise exception 'public.% is not the table that version % of the digests was made for', hypertable, version
      using errcode = 'wrong_object_type',
            hint = 'Compare it with the migrations: a column is missing, or has another type, or the table is a view or has policies.';
  end if;
end;
$$;

-- The digest of a day: of each row as a JSON array of its columns, of each minute from its rows in the order of their
-- key, of the day from its minutes. So no more is held than a digest for each row of a minute and for each minute.
--
-- Rows are the same text whatever the session, and whether their chunk is compressed or not: times in UTC, ISO 8601.
create function public.audit_day_digest(
  hypertable text,
  day date,
  version integer,
  out row_count bigint,
  out rows_digest bytea
)
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
  set datestyle = 'ISO, YMD'
  set intervalstyle = 'postgres'
  set bytea_output = 'hex'
  set extra_float_digits = 1
  set row_security = off
as $$
declare
  columns text;
  key_columns text;
begin
  perform public.require_digestible(hypertable, version);
  select string_agg(format('r.%I', c.name), ', ' order by c.place),
         string_agg(format('r.%I', c.name), ', ' order by c.place) filter (where c.place <= 2)
    into columns, key_columns
    from public.audit_digest_columns(hypertable, version) with ordinality as c (name, type, place);
  execute format(
    $query$
      select coalesce(sum(m.row_count), 0)::bigint,
             sha256(coalesce(string_agg(m.digest, '' order by m.minute), ''))
        from (
          select d.minute, count(*) as row_count, sha256(string_agg(d.digest, '' order by d.time, d.id)) as digest
            from (
              select date_bin('1 minute', r.time, '2000-01-01'), %2$s, sha256(convert_to(json_build_array(%1$s)::text, 'UTF8'))
                from public.%3$I as r
               where r.time >= $1 and r.time < $1 + interval '1 day'
              offset 0
            ) as d (minute, time, id, digest)
           group by d.minute
        ) as m
    $query$, columns, key_columns, hypertable)
    into row_count, rows_digest
   using day::timestamptz;
end;
$$;

comment on function public.audit_day_digest(text, date, integer) is 'How many rows a hypertable has of a day (UTC), and the digest of all of them.';

create function public.audit_digest_head(entry public.audit_digests) returns bytea
  language sql
  stable
  security invoker
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
  set datestyle = 'ISO, YMD'
  set intervalstyle = 'postgres'
as $$
  select sha256(entry.previous_head || convert_to(json_build_array(
    entry.hypertable, entry.day, entry.version, entry.row_count, encode(entry.rows_digest, 'hex'), entry.kept::text,
    entry.digested_at
  )::text, 'UTF8'));
$$;

comment on function public.audit_digest_head(public.audit_digests) is 'The head that a digest has to have.';

-- Digests every day that is over and has no digest yet: since yesterday as a rule, since longer after a downtime. A day
-- counts as over two hours after its end, which no transaction of the application's outlasts.
create procedure public.extend_audit_digests(job_id integer, config jsonb)
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
as $$
declare
  last_day constant date := (now() - interval '2 hours')::date - 1;
  entry public.audit_digests;
begin
  -- Two runs at once would add the same days.
  lock table public.audit_digests in share row exclusive mode;
  foreach entry.hypertable in array array['audit_events', 'policy_evaluations', 'siem_events'] loop
    entry.version := 1;
    select (j.config ->> 'drop_after')::interval
      into entry.kept
      from timescaledb_information.jobs as j
     where j.proc_name = 'policy_retention'
       and (j.hypertable_schema, j.hypertable_name) = ('public', entry.hypertable);
    select d.day + 1, d.head
      into entry.day, entry.previous_head
      from public.audit_digests as d
     where d.hypertable = entry.hypertable
     order by d.day desc
     limit 1;
    if entry.day is null then
      perform public.require_digestible(entry.hypertable, entry.version);
      execute format('select min(r.time)::date from public.%I as r', entry.hypertable) into entry.day;
      entry.day := least(entry.day, last_day);
      entry.previous_head := decode(repeat('00', 32), 'hex');
    end if;
    while entry.day <= last_day loop
      select d.row_count, d.rows_digest
        into entry.row_count, entry.rows_digest
        from public.audit_day_digest(entry.hypertable, entry.day, entry.version) as d;
      entry.digested_at := clock_timestamp();
      entry.head := public.audit_digest_head(entry);
      insert into public.audit_digests select entry.*;
      raise log 'audit digest of % on %: % rows, head %',
        entry.hypertable, entry.day, entry.row_count, encode(entry.head, 'hex');
      entry.previous_head := entry.head;
      entry.day := entry.day + 1;
    end loop;
  end loop;
end;
$$;

comment on procedure public.extend_audit_digests(integer, jsonb) is 'The daily job: digests every day that is over and is not digested yet.';

-- PUBLIC may run what a role makes unless it is told otherwise, and this role has no default privileges.
revoke all on function
  public.refuse_to_redigest(),
  public.audit_digest_columns(text, integer),
  public.require_digestible(text, integer),
  public.audit_day_digest(text, date, integer),
  public.audit_digest_head(public.audit_digests)
  from public;
revoke all on procedure public.extend_audit_digests(integer, jsonb) from public;

-- Who reads the trail may verify it.
grant execute on function
  public.audit_digest_columns(text, integer),
  public.require_digestible(text, integer),
  public.audit_day_digest(text, date, integer),
  public.audit_digest_head(public.audit_digests)
  to sark_audit_reader;

-- Three hours into the day, UTC.
select public.add_job(
  'public.extend_audit_digests',
  schedule_interval => interval '1 day',
  initial_start => date_trunc('day', now(), 'UTC') + interval '1 day 3 hours',
  fixed_schedule => true,
  timezone => 'UTC'
);
