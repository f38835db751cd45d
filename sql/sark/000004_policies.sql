--! lock_timeout 2s
--! statement_timeout 60s

-- Authorization policies, with every version that ever was in force.
--
-- The code lies in policy_versions, which is only ever added to; policies points at the version in force.
-- Going back is moving the pointer, and what an old decision was based on can always be read.

create table public.policies (
  id uuid not null default gen_random_uuid(),
  name text not null,
  version integer not null,
  is_active boolean not null default true,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint policies_pkey primary key (id),
  constraint policies_name_key unique (name),
  constraint policies_created_by_fkey foreign key (created_by) references public.users (id) on delete restrict,
  constraint policies_name_length check (char_length(name) between 1 and 255)
);

create table public.policy_versions (
  policy_id uuid not null,
  version integer not null,
  rego_code text not null,
  created_by uuid not null,
  created_at timestamptz not null default now(),

  -- Read backwards, it is the history of a policy, newest first.
  constraint policy_versions_pkey primary key (policy_id, version),
  constraint policy_versions_policy_id_fkey foreign key (policy_id) references public.policies (id)
    on delete restrict,
  constraint policy_versions_created_by_fkey foreign key (created_by) references public.users (id)
    on delete restrict,
  constraint policy_versions_version_positive check (version > 0),
  constraint policy_versions_rego_code_size check (octet_length(rego_code) between 1 and 1048576)
);

-- Deferred, because a policy and its first version need each other: both are there when the transaction ends.
alter table public.policies
  add constraint policies_version_fkey foreign key (id, version)
  references public.policy_versions (policy_id, version)
  on delete restrict deferrable initially deferred;

comment on table public.policies is 'Policies by name, each pointing at the version in force. Retired by is_active = false, never deleted.';
comment on column public.policies.version is 'The version in force, not necessarily the newest.';
comment on table public.policy_versions is 'Every version of every policy; append-only.';
comment on column public.policy_versions.rego_code is 'Rego source, at most 1 MiB.';

create index policies_created_by_idx on public.policies (created_by);
create index policy_versions_created_by_idx on public.policy_versions (created_by);

create trigger policies_touch_updated_at
  before update of name, version, is_active
  on public.policies
  for each row execute function public.touch_updated_at();

-- Privileges keep the application from rewriting history; this keeps the owner from doing so by accident.
create function public.refuse_to_rewrite() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% of %.% refused: it is append-only', tg_op, tg_table_schema, tg_table_name
    using errcode = 'restrict_violation',
          hint = 'Publish a new version, or point policies.version at an older one.';
end;
$$;

create trigger policy_versions_append_only
  before update or delete or truncate on public.policy_versions
  for each statement execute function public.refuse_to_rewrite();

revoke update, delete on public.policy_versions from sark_writer;
revoke delete on public.policies from sark_writer;

-- Publishers of one policy take turns on its row. The version is counted in a statement of its own, after
-- the lock: only so does it see what the publisher before has committed.
create function public.publish_policy(policy_name text, rego text, author uuid) returns integer
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
declare
  published_id uuid;
  published_version integer;
begin
  insert into public.policies (name, version, created_by)
  values (policy_name, 1, author)
  on conflict (name) do nothing;

  select p.id into strict published_id
    from public.policies as p
   where p.name = policy_name
     for update;

  insert into public.policy_versions (policy_id, version, rego_code, created_by)
  select published_id, coalesce(max(v.version), 0) + 1, rego, author
    from public.policy_versions as v
   where v.policy_id = published_id
  returning version into published_version;

  update public.policies
     set version = published_version
   where id = published_id
     and version <> published_version;

  return published_version;
end;
$$;

comment on function public.publish_policy(text, text, uuid) is 'Adds a version, makes it the one in force, and returns its number; creates the policy if there is none of that name.';
