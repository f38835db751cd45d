--! database sark
--! login readonly
--! param key_hash text -- SHA-256 of the key in lower-case hexadecimal
--! returns api_key_id, user_id, username, is_admin, scopes, expires_at

-- Is this API key good, whose is it, and what may it do?
--
-- The query of every request that carries a key: no row is a refusal. Afterwards the application calls
-- record_api_key_use(id), which writes once an hour.

select k.id as api_key_id, u.id as user_id, u.username, u.is_admin, k.scopes, k.expires_at
  from public.api_keys as k
  join public.users as u on u.id = k.user_id
 where k.key_hash = :key_hash
   and k.revoked_at is null
   and (k.expires_at is null or k.expires_at > pg_catalog.now())
   and u.is_active;
