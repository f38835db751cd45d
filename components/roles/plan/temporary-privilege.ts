/**
 * TEMPORARY privilege for the duration of a migration. PostgreSQL checks the current role, which is the owner; granted
 * to the owner, all its members would have it too. So it belongs to a role without members. A function of the
 * administrator, which only the migration login may call, makes the owner a member and revokes this in the same
 * transaction, before any other session can see it. Granting the privilege on the database itself would also work, but
 * would block every vacuum meanwhile.
 */

/** A dedicated schema: the owner of any other schema could replace its objects. */
export const TEMPORARY_SCHEMA = "sark_temporary";

/** Role names for {@link temporaryPrivilegeSql}; they need no quotes. */
export interface TemporaryPrivilege {
  /** Role with the TEMPORARY privilege. */
  readonly role: string;
  /** Migration login. */
  readonly login: string;
  /** Roles that run migrations. */
  readonly members: readonly string[];
}

/** SQL that creates the function; runs as the administrator who created the roles. */
export function temporaryPrivilegeSql({ role, login, members }: TemporaryPrivilege): string {
  const owners = members.join(", ");
  return `
    create schema if not exists ${TEMPORARY_SCHEMA};
    revoke all on schema ${TEMPORARY_SCHEMA} from public;
    create or replace function ${TEMPORARY_SCHEMA}.allow(allowed boolean) returns void
      language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $function$
    begin
      if allowed then
        grant ${role} to ${owners};
      else
        revoke ${role} from ${owners};
      end if;
    end
    $function$;
    revoke all on function ${TEMPORARY_SCHEMA}.allow(boolean) from public;
    grant usage on schema ${TEMPORARY_SCHEMA} to ${login};
    grant execute on function ${TEMPORARY_SCHEMA}.allow(boolean) to ${login};`;
}
