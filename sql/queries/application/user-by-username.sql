--! database sark
--! login readonly
--! param username text -- as it was typed, in any case
--! returns id, username, email, is_admin, mfa_enabled, last_login_at

-- Who logs in with this name?
--
-- The first look-up of a log-in by password. The application selects password_hash and mfa_secret with it, which the
-- read-only login may not see; the plan is the same. The function stands on both sides, so John.Doe finds john.doe
-- through the unique index on lower(username).

select u.id, u.username, u.email, u.is_admin, u.mfa_enabled, u.last_login_at
  from public.users as u
 where pg_catalog.lower(u.username) = pg_catalog.lower(:username)
   and u.is_active;
