--! database sark
--! login readonly
--! param ldap_dn text -- distinguished name, as the directory writes it
--! returns id, username, email, is_admin, mfa_enabled, last_login_at

-- Whose directory entry is this?
--
-- The look-up of a log-in that LDAP has let through. The index holds the accounts that have an entry and no others.

select u.id, u.username, u.email, u.is_admin, u.mfa_enabled, u.last_login_at
  from public.users as u
 where u.ldap_dn = :ldap_dn
   and u.is_active;
