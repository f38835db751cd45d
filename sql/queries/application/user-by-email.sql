--! database sark
--! login readonly
--! param email text -- as it was typed, in any case
--! returns id, username, email, is_admin, mfa_enabled, last_login_at

-- Who logs in with this e-mail address?
--
-- As user-by-username, through the unique index on lower(email).

select u.id, u.username, u.email, u.is_admin, u.mfa_enabled, u.last_login_at
  from public.users as u
 where pg_catalog.lower(u.email) = pg_catalog.lower(:email)
   and u.is_active;
