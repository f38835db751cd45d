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

/** Where the verifiers are that the server itself shows nobody; only the function's owner may read it. */
export const VERIFIERS = `${AUTH_SCHEMA}.verifiers`;

/**
 * The same where pg_authid is closed to administrators, as on a managed server: the verifiers are read from a table, the
 * rest from the view that everybody may read. The table is the fixed list.
 */
export const STORED_AUTH_FUNCTION = `
      create or replace function ${AUTH_SCHEMA}.user_lookup(login text)
        returns table (user_name text, verifier text)
        language sql stable security definer set search_path = pg_catalog, pg_temp
      as $function$
        select roles.rolname::text, stored.verifier
          from ${VERIFIERS} as stored
          join pg_catalog.pg_roles as roles on roles.rolname = stored.login
         where stored.login = user_lookup.login and roles.rolcanlogin
           and (roles.rolvaliduntil is null or roles.rolvaliduntil > pg_catalog.now())
      $function$;`;
