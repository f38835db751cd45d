--! lock_timeout 2s
--! statement_timeout 60s

-- Every decision of the policy engine: the table with the most rows by far.

create table public.policy_evaluations (
  time timestamptz not null default clock_timestamp(),
  evaluation_id uuid not null default gen_random_uuid(),
  policy_name text not null,
  policy_version integer,
  user_id uuid,
  action text,
  resource text,
  decision boolean not null,
  cache_hit boolean not null default false,
  duration_ms integer not null,

  constraint policy_evaluations_pkey primary key (time, evaluation_id),
  constraint policy_evaluations_policy_name_length check (char_length(policy_name) between 1 and 255),
  constraint policy_evaluations_policy_version_positive check (policy_version > 0),
  constraint policy_evaluations_action_length check (char_length(action) <= 100),
  constraint policy_evaluations_resource_length check (char_length(resource) <= 255),
  constraint policy_evaluations_duration_not_negative check (duration_ms >= 0)
);

comment on table public.policy_evaluations is 'Decisions of the policy engine; append-only. Kept 30 days here, and as hourly_policy_stats and daily_policy_stats after that.';
comment on column public.policy_evaluations.time is 'When the server took the decision in.';
comment on column public.policy_evaluations.policy_version is 'policy_versions.version in database sark, where the engine knows it.';
comment on column public.policy_evaluations.decision is 'True for allowed.';
comment on column public.policy_evaluations.duration_ms is 'In milliseconds; 0 for most cache hits.';

-- Four chunks a day, 120 in all. Chunks of an hour would be 720, and every query plans over each of them.
select public.create_hypertable(
  'public.policy_evaluations',
  public.by_range('time', interval '6 hours'),
  create_default_indexes => false
);

create index policy_evaluations_user_id_time_idx on public.policy_evaluations (user_id, time desc);
create index policy_evaluations_policy_name_time_idx on public.policy_evaluations (policy_name, time desc);
-- What was denied lately; allowed is nearly everything, and time alone finds that.
create index policy_evaluations_denied_time_idx on public.policy_evaluations (time desc) where not decision;

-- Before columns are compressed, as in audit_events.
grant insert (
  evaluation_id, policy_name, policy_version, user_id, action, resource, decision, cache_hit, duration_ms
) on public.policy_evaluations to sark_audit_writer;
grant select on public.policy_evaluations to sark_audit_reader;

create trigger policy_evaluations_append_only
  before update or delete or truncate on public.policy_evaluations
  for each statement execute function public.refuse_to_rewrite();

-- Not segmented: a policy that is seldom asked would get batches of a few rows. Said in so many words, since
-- TimescaleDB picks a column itself where nothing is said (docs/schema.md has the figures).
alter table public.policy_evaluations set (
  timescaledb.enable_columnstore,
  timescaledb.segmentby = '',
  timescaledb.orderby = 'time desc'
);

call public.add_columnstore_policy('public.policy_evaluations', after => interval '7 days');
select public.add_retention_policy('public.policy_evaluations', drop_after => interval '30 days');
