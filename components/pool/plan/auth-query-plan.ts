/** A dedicated schema, so that PgBouncer can call only the look-up. */
export const AUTH_SCHEMA = "pgbouncer";

/** Query with which PgBouncer, with its own login, looks up a client's verifier. */
export const AUTH_QUERY = `select user_name, verifier from ${AUTH_SCHEMA}.user_lookup($1)`;

/**
 * Look-up function that reads pg_authid as its owner, an administrator, for a fixed list of logins. The caller sees
 * verifiers of the application's logins, never of an administrator.
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

/** Table of verifiers, for servers that do not show them; only the function's owner may read it. */
export const VERIFIERS = `${AUTH_SCHEMA}.verifiers`;

/**
 * Look-up function for servers whose administrators cannot read pg_authid, such as managed ones. It reads verifiers
 * from a table and everything else from a public view. The table is the fixed list.
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
