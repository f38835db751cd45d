--! database sark
--! login readonly
--! returns id, username, email, mfa_enabled, last_login_at

-- Who administers SARK?
--
-- Look for accounts without a second factor, and for those that nobody has used for months.

select u.id, u.username, u.email, u.mfa_enabled, u.last_login_at
  from public.users as u
 where u.is_active
   and u.is_admin
 order by u.username;
