--! lock_timeout 2s
--! statement_timeout 60s

-- Keys with which programs call SARK. The key itself is shown once, when it is made, and stored nowhere.

create table public.api_keys (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  name text not null,
  prefix text not null,
  key_hash text not null,
  scopes text[] not null default '{}',
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint api_keys_pkey primary key (id),
  -- A key acts for its user and goes with it.
  constraint api_keys_user_id_fkey foreign key (user_id) references public.users (id) on delete cascade,
  -- The look-up of every request that carries a key.
  constraint api_keys_key_hash_key unique (key_hash),
  constraint api_keys_name_length check (char_length(name) between 1 and 255),
  -- Long enough to tell keys apart in a list or in a leaked log, too short to help guess the rest.
  constraint api_keys_prefix_shape check (prefix ~ '^[A-Za-z0-9_-]{4,16}$'),
  constraint api_keys_key_is_sha256 check (key_hash ~ '^[0-9a-f]{64}$'),
  constraint api_keys_scopes_not_null check (array_position(scopes, null) is null)
) with (
  -- Room in each page for the hourly last_used_at, which no index holds: those updates stay heap-only.
  fillfactor = 90,
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.02
);

comment on table public.api_keys is 'API keys: valid while revoked_at is null and expires_at is null or in the future.';
comment on column public.api_keys.prefix is 'The first characters of the key, for people to know it by.';
comment on column public.api_keys.key_hash is 'SHA-256 of the key in lower-case hexadecimal. A key is long and random, so a slow hash would add nothing.';
comment on column public.api_keys.scopes is 'What the key may do; empty is nothing.';
comment on column public.api_keys.last_used_at is 'The hour of the last use: written by record_api_key_use().';

-- The keys of a user, newest first, page by page. Serves the foreign key as well.
create index api_keys_user_id_created_at_id_idx on public.api_keys (user_id, created_at desc, id desc);

create trigger api_keys_touch_updated_at
  before update of name, scopes, expires_at, revoked_at
  on public.api_keys
  for each row execute function public.touch_updated_at();

-- Whether a key is still in use is a question of days. Written to the hour, the busiest key costs 24 small
-- writes a day, and all its other requests only read.
create function public.record_api_key_use(api_key_id uuid) returns void
  language sql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
  update public.api_keys as k
     set last_used_at = date_trunc('hour', now())
   where k.id = api_key_id
     and (k.last_used_at is null or k.last_used_at < date_trunc('hour', now()));
$$;

comment on function public.record_api_key_use(uuid) is 'Notes that a key was used; writes at most once an hour for each key.';
