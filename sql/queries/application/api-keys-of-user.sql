--! database sark
--! login readonly
--! param user_id uuid -- users.id
--! param after_time timestamptz = infinity -- created_at of the last row of the page before
--! param after_id uuid = ffffffff-ffff-ffff-ffff-ffffffffffff -- id of the last row of the page before
--! param rows integer = 20 -- rows of a page
--! returns id, name, prefix, scopes, created_at, last_used_at, expires_at, revoked_at

-- Which API keys does this user have, newest first?
--
-- Page by page, as users-page. A key without a last use, or with one of last year, is one to revoke.

select k.id, k.name, k.prefix, k.scopes, k.created_at, k.last_used_at, k.expires_at, k.revoked_at
  from public.api_keys as k
 where k.user_id = :user_id
   and (k.created_at, k.id) < (:after_time, :after_id)
 order by k.created_at desc, k.id desc
 limit :rows;
