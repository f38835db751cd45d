--! lock_timeout 2s
--! statement_timeout 60s

-- Everybody who signs in: people, and the machines that act for them.

-- Shared by every table with an updated_at. Each trigger lists the columns that count as an edit, so
-- that a login or a heartbeat, which is recorded in the same row, does not look like one.
create function public.touch_updated_at() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

create table public.users (
  id uuid not null default gen_random_uuid(),
  username text not null,
  email text not null,
  password_hash text,
  ldap_dn text,
  is_active boolean not null default true,
  is_admin boolean not null default false,
  mfa_enabled boolean not null default false,
  mfa_secret text,
  last_login_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),

  constraint users_pkey primary key (id),
  constraint users_username_length check (char_length(username) between 1 and 255),
  constraint users_email_length check (char_length(email) <= 255),
  constraint users_email_shape check (email like '_%@_%'),
  -- Crypt and PHC strings start with $; a password that was never hashed seldom does.
  constraint users_password_is_hashed check (password_hash like '$_%$_%'),
  constraint users_mfa_has_secret check (mfa_secret is not null or not mfa_enabled)
);

comment on table public.users is 'Who signs in. A person who leaves is made inactive: servers and policies keep their names.';
comment on column public.users.password_hash is 'Crypt or PHC string; null where LDAP or a key is the only way in.';
comment on column public.users.mfa_secret is 'TOTP secret, encrypted by the application: it has to be read back, so it cannot be a hash.';

-- John.Doe and john.doe are one account: unique without regard to case, which makes a second, plain
-- unique constraint superfluous. Look up by lower(username) = lower($1).
create unique index users_username_lower_key on public.users (lower(username));
create unique index users_email_lower_key on public.users (lower(email));

-- One directory entry is one account; most accounts have none.
create unique index users_ldap_dn_key on public.users (ldap_dn) where ldap_dn is not null;

-- The list of users, page by page: where (created_at, id) < ($1, $2) order by created_at desc, id desc.
create index users_created_at_id_idx on public.users (created_at desc, id desc);

-- "Recent logins" of the admin dashboard, paged in the same way.
create index users_last_login_at_id_idx on public.users (last_login_at desc, id desc)
  where last_login_at is not null;

-- The few who administer, in the order in which they are shown.
create index users_active_admins_idx on public.users (username) where is_active and is_admin;

create trigger users_touch_updated_at
  before update of username, email, password_hash, ldap_dn, is_active, is_admin, mfa_enabled, mfa_secret
  on public.users
  for each row execute function public.touch_updated_at();

-- Read-only logins serve reports: everything but what can be cracked offline or used to sign in. The
-- default privilege is for the whole table, so it goes first; a later column has to be granted by name.
revoke select on public.users from sark_reader;
grant select (
  id, username, email, ldap_dn, is_active, is_admin, mfa_enabled, last_login_at, created_at, updated_at
) on public.users to sark_reader;
