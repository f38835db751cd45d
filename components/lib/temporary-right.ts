/**
 * The right to make temporary tables, for as long as a migration needs it. PostgreSQL asks the role that is set, the owner,
 * whose members would have the right as well. So nobody has it: a function of the administrator's, which the migrating
 * login alone may run, gives it to the owner, and takes it back in the same transaction, before anybody else can see it.
 */

/** Schema of its own: the owner of another could replace what is in it. */
export const TEMPORARY_SCHEMA = "sark_temporary";

/** What {@link temporaryRightSql} is made for: role names, which need no quotes. */
export interface TemporaryRight {
  /** The login that migrates. */
  readonly login: string;
  /** Roles that a migration may run as. */
  readonly roles: readonly string[];
}

/** SQL that makes the function, for the administrator who owns the database. */
export function temporaryRightSql({ login, roles }: TemporaryRight): string {
  const of = (verb: string): string =>
    `execute pg_catalog.format('${verb} ${roles.join(", ")}', pg_catalog.current_database());`;
  return `
    create schema if not exists ${TEMPORARY_SCHEMA};
    revoke all on schema ${TEMPORARY_SCHEMA} from public;
    create or replace function ${TEMPORARY_SCHEMA}.allow(allowed boolean) returns void
      language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $function$
    begin
      if allowed then
        ${of("grant temporary on database %I to")}
      else
        ${of("revoke temporary on database %I from")}
      end if;
    end
    $function$;
    revoke all on function ${TEMPORARY_SCHEMA}.allow(boolean) from public;
    grant usage on schema ${TEMPORARY_SCHEMA} to ${login};
    grant execute on function ${TEMPORARY_SCHEMA}.allow(boolean) to ${login};`;
}
