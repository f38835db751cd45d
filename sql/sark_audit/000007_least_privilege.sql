--! lock_timeout 2s
--! statement_timeout 60s

-- What the owner can do to the trail by mistake, or a stolen login in its name, made less; and what needed the owner
-- for no good reason, given to who does it.

-- Dates. The writer may not name a time at all; this keeps the owner from naming another than the server's.
--
-- It refuses and does not put the right time in: the chunk was chosen by then, and a row of midnight would miss it.
-- A minute, because between the default and the trigger a row may wait for its chunk to be made; the application's
-- statements end after half of that. A superuser may load history, and could switch the trigger off anyway.
create function public.refuse_foreign_time() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'a row of %.% cannot be dated %', tg_table_schema, tg_table_name, new.time
    using errcode = 'restrict_violation',
          hint = 'Leave time out: the server sets it.';
end;
$$;

create trigger audit_events_server_time
  before insert on public.audit_events
  for each row
  when (
    (new.time < clock_timestamp() - interval '1 minute' or new.time > clock_timestamp() + interval '1 minute')
    and current_setting('is_superuser') = 'off'
  )
  execute function public.refuse_foreign_time();

create trigger policy_evaluations_server_time
  before insert on public.policy_evaluations
  for each row
  when (
    (new.time < clock_timestamp() - interval '1 minute' or new.time > clock_timestamp() + interval '1 minute')
    and current_setting('is_superuser') = 'off'
  )
  execute function public.refuse_foreign_time();

create trigger siem_events_server_time
  before insert on public.siem_events
  for each row
  when (
    (new.time < clock_timestamp() - interval '1 minute' or new.time > clock_timestamp() + interval '1 minute')
    and current_setting('is_superuser') = 'off'
  )
  execute function public.refuse_foreign_time();

-- Chunks. A statement's trigger stands on the hypertable alone; a row's is passed on to each chunk, old and new.
create trigger audit_events_append_only_rows
  before update or delete on public.audit_events
  for each row execute function public.refuse_to_rewrite();

create trigger policy_evaluations_append_only_rows
  before update or delete on public.policy_evaluations
  for each row execute function public.refuse_to_rewrite();

create trigger siem_events_append_only_rows
  before update or delete on public.siem_events
  for each row execute function public.refuse_to_rewrite();

-- Statistics of a hypertable as a whole. Only its owner may analyze it before PostgreSQL 17, and an owner's member
-- could do all the rest: so the maintenance login calls this, and is no member.
create function public.analyze_hypertable(target regclass) returns void
  language plpgsql
  security definer
  set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from timescaledb_information.hypertables as h
     where format('%I.%I', h.hypertable_schema, h.hypertable_name)::regclass = target
       and h.owner = current_user
  ) then
    raise exception '% is no hypertable of %', target, current_user
      using errcode = 'wrong_object_type';
  end if;
  execute format('analyze %s', target);
end;
$$;

comment on function public.analyze_hypertable(regclass) is 'Analyzes a hypertable with its chunks, for the maintenance login.';

grant execute on function public.analyze_hypertable(regclass) to sark_audit_maintain;

-- Who digests the trail reads it (000008).
grant select on public.audit_events, public.policy_evaluations, public.siem_events to sark_audit_witness;
