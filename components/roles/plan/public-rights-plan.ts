/** Default privileges of PUBLIC that no login of a stack needs: see docs/security.md. */

/** Databases of every server that no login of the stack uses. */
export const UNUSED_DATABASES = ["postgres", "template1"] as const;

/** Functions of the server or an extension that PUBLIC may not execute. */
export interface RevokedFunctions {
  /** SQL condition on a row `p` of pg_proc. */
  readonly which: string;
  /** Roles that get EXECUTE instead. Empty: only the owner. */
  readonly roles: readonly string[];
}

/**
 * Functions with which any reader of a table could fill the server's disk: large objects, all from one source file of
 * PostgreSQL, and messages in the WAL.
 *
 * The functions for messages have three arguments before version 17. A privilege on these would fail the upgrade to 17:
 * pg_upgrade restores it for functions that no longer exist. So they are closed in 17 and later only.
 */
export const DISK_FILLING_FUNCTIONS: RevokedFunctions = {
  which: `p.pronamespace = 'pg_catalog'::regnamespace
          and (p.prosrc ~ '^be_lo' or (p.proname = 'pg_logical_emit_message' and p.pronargs = 4))`,
  roles: [],
};

/**
 * Advisory locks. A single one can block migrations, and many fill the shared lock table. Releasing one needs no
 * privilege.
 */
export function advisoryLockFunctions(roles: readonly string[]): RevokedFunctions {
  const which = `p.pronamespace = 'pg_catalog'::regnamespace
                 and p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'`;
  return { which, roles };
}

/** User-defined jobs of TimescaleDB: each takes a background worker from compression, retention and digests. */
export function addJobFunction(roles: readonly string[]): RevokedFunctions {
  const which = `p.proname = 'add_job'
                 and p.oid in (select objid from pg_catalog.pg_depend
                                where classid = 'pg_catalog.pg_proc'::regclass and deptype = 'e')`;
  return { which, roles };
}

/** SQL that revokes functions from PUBLIC, which only their owner can. Other functions are skipped without an error. */
export function revokeFunctionsSql({ which, roles }: RevokedFunctions): string {
  const grant =
    roles.length === 0
      ? ""
      : `execute pg_catalog.format('grant execute on function %s to ${roles.join(", ")}', closed);`;
  return `
    do $close$
    declare
      closed regprocedure;
    begin
      for closed in
        select p.oid from pg_catalog.pg_proc as p
         where ${which} and pg_catalog.pg_has_role(p.proowner, 'usage')
         order by p.oid
      loop
        execute pg_catalog.format('revoke execute on function %s from public', closed);
        ${grant}
      end loop;
    end
    $close$`;
}

/** SQL that revokes databases from PUBLIC, which only their owner can. @param names unquoted */
export function revokeDatabasesSql(names: readonly string[]): string {
  return `
    do $close$
    declare
      closed name;
    begin
      for closed in
        select d.datname from pg_catalog.pg_database as d
         where d.datname in (${names.map((name) => `'${name}'`).join(", ")})
           and pg_catalog.pg_has_role(d.datdba, 'usage')
         order by d.datname
      loop
        execute pg_catalog.format('revoke connect, temporary on database %I from public', closed);
      end loop;
    end
    $close$`;
}
