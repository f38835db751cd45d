--! lock_timeout 2s
--! statement_timeout 60s

-- The registry of servers that SARK guards.

create table public.servers (
  id uuid not null default gen_random_uuid(),
  name text not null,
  endpoint text not null,
  api_key_hash text not null,
  is_active boolean not null default true,
  owner_id uuid not null,
  tags jsonb not null default '[]',
  metadata jsonb not null default '{}',
  last_seen_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  -- Words of name and endpoint. Punctuation becomes blanks first: otherwise the parser keeps
  -- https://production.example.com as one token, and a search for "production" passes it by.
  search_vector tsvector not null generated always as (
    to_tsvector('pg_catalog.english', regexp_replace(name || ' ' || endpoint, '[^[:alnum:]]+', ' ', 'g'))
  ) stored,

  constraint servers_pkey primary key (id),
  -- A server must not vanish, or lose its owner, because a person leaves: hand it over first.
  constraint servers_owner_id_fkey foreign key (owner_id) references public.users (id) on delete restrict,
  constraint servers_name_length check (char_length(name) between 1 and 255),
  constraint servers_endpoint_length check (char_length(endpoint) between 1 and 2048),
  constraint servers_api_key_hash_length check (char_length(api_key_hash) between 1 and 255),
  constraint servers_tags_is_array check (jsonb_typeof(tags) = 'array'),
  constraint servers_metadata_is_object check (jsonb_typeof(metadata) = 'object')
);

comment on table public.servers is 'Registered servers, each with one owner.';
comment on column public.servers.last_seen_at is 'Last heartbeat, to the minute: written by record_server_seen().';
comment on column public.servers.search_vector is 'Whole words of name and endpoint; for parts of words use LIKE, which the trigram index serves.';

-- A name as a whole, and lists in the order of names.
create index servers_name_idx on public.servers (name);

-- The list of servers, of all owners and of one; the second also serves the foreign key. Most servers are
-- active, so an index of the active alone would be nearly as large and would answer less.
create index servers_created_at_id_idx on public.servers (created_at desc, id desc);
create index servers_owner_id_created_at_id_idx on public.servers (owner_id, created_at desc, id desc);

create index servers_last_seen_at_idx on public.servers (last_seen_at desc nulls last);

-- jsonb_path_ops knows only containment (@>), which is what is asked, in an index of half the size or less.
create index servers_tags_idx on public.servers using gin (tags jsonb_path_ops);
create index servers_metadata_idx on public.servers using gin (metadata jsonb_path_ops);

-- Substrings: name like '%prod%' or endpoint like '%prod%'. One index of two columns serves either alone.
create index servers_name_endpoint_trgm_idx on public.servers
  using gin (name public.gin_trgm_ops, endpoint public.gin_trgm_ops);

-- How many rows hold a fragment is read off the histogram, but only if that has more than a hundred entries; with the
-- default of 100 the guess for a rare fragment is 1 %, and with a LIMIT the planner then walks the newest rows instead.
alter table public.servers
  alter column name set statistics 500,
  alter column endpoint set statistics 500;

-- Words: search_vector @@ to_tsquery('english', 'production').
create index servers_search_vector_idx on public.servers using gin (search_vector);

create trigger servers_touch_updated_at
  before update of name, endpoint, api_key_hash, is_active, owner_id, tags, metadata
  on public.servers
  for each row execute function public.touch_updated_at();

-- A heartbeat changes an indexed column, so each one writes to every index of the row, four of them GIN.
-- To the minute is precise enough for "recently seen", and bounds that cost however often servers call.
create function public.record_server_seen(server_id uuid) returns void
  language sql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
  update public.servers as s
     set last_seen_at = now()
   where s.id = server_id
     and (s.last_seen_at is null or s.last_seen_at < now() - interval '1 minute');
$$;

comment on function public.record_server_seen(uuid) is 'Notes a heartbeat; writes at most once a minute for each server.';
