--! database sark
--! login readonly
--! param jti text -- the jti claim of the access token, whose signature was verified before
--! returns session_id, user_id, username, is_admin, expires_at

-- Is this access token good, and whose is it?
--
-- Token validation, the query of every request: no row is a refusal. Two look-ups by unique key, because a session
-- of somebody who was made inactive is none.

select s.id as session_id, u.id as user_id, u.username, u.is_admin, s.expires_at
  from public.sessions as s
  join public.users as u on u.id = s.user_id
 where s.access_token_jti = :jti
   and s.expires_at > pg_catalog.now()
   and u.is_active;
