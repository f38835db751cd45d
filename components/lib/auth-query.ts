/** Schema of its own, so that nothing but the look-up is in PgBouncer's reach. */
export const AUTH_SCHEMA = "pgbouncer";

/** What PgBouncer runs, as its own login, to authenticate a client. */
export const AUTH_QUERY = `select user_name, verifier from ${AUTH_SCHEMA}.user_lookup($1)`;

/**
 * Reads pg_authid with the rights of its owner, an administrator who may, for a fixed list of logins: a caller learns the
 * verifier of the application's logins, never that of an administrator.
 * @param logins SQL literals
 */
export function authFunctionSql(logins: readonly string[]): string {
  return `
      create or replace function ${AUTH_SCHEMA}.user_lookup(login text)
        returns table (user_name text, verifier text)
        language sql stable security definer set search_path = pg_catalog, pg_temp
      as $function$
        select rolname::text, rolpassword from pg_catalog.pg_authid
         where rolname = login and rolcanlogin
           and rolname = any (array[${logins.join(", ")}]::text[])
           and (rolvaliduntil is null or rolvaliduntil > pg_catalog.now())
      $function$;`;
}
