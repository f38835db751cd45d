--! database sark
--! login readonly
--! param refresh_token_hash text -- SHA-256 of the refresh token in lower-case hexadecimal
--! returns session_id, user_id, expires_at

-- Which session does this refresh token renew?
--
-- The application adds "for update of s", so that of two refreshes with one token the second finds the hash changed.

select s.id as session_id, s.user_id, s.expires_at
  from public.sessions as s
  join public.users as u on u.id = s.user_id
 where s.refresh_token_hash = :refresh_token_hash
   and s.expires_at > pg_catalog.now()
   and u.is_active;
