/**
 * The right to make temporary tables, for as long as a migration needs it. PostgreSQL asks the role that is set, the owner,
 * whose members would have the right as well. So it is that of a role without members: a function of the administrator's,
 * which the migrating login alone may run, makes the owner a member, and takes that back in the same transaction, before
 * anybody else can see it. A privilege on the database itself would do as well, but hold up every vacuum for as long.
 */

/** Schema of its own: the owner of another could replace what is in it. */
export const TEMPORARY_SCHEMA = "sark_temporary";

/** What {@link temporaryRightSql} is made for: role names, which need no quotes. */
export interface TemporaryRight {
  /** The role that has the right. */
  readonly role: string;
  /** The login that migrates. */
  readonly login: string;
  /** Roles that a migration may run as. */
  readonly members: readonly string[];
}

/** SQL that makes the function, for the administrator who made the roles. */
export function temporaryRightSql({ role, login, members }: TemporaryRight): string {
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
