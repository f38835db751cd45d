/** What PostgreSQL and TimescaleDB let every login do, and no login of a stack needs: see docs/security.md. */

/** Databases of every server that no login of the stack works in. */
export const UNUSED_DATABASES = ["postgres", "template1"] as const;

/** Functions of the server or of an extension that PUBLIC may not run. */
export interface ClosedFunctions {
  /** SQL condition on a row `p` of pg_proc. */
  readonly which: string;
  /** Roles that may run them instead. Empty: their owner alone. */
  readonly roles: readonly string[];
}

/**
 * With these, whoever may read a table can fill the server's disk: large objects, whose functions are those of one source
 * file of PostgreSQL's, and messages in the write-ahead log.
 */
export const WRITING_FUNCTIONS: ClosedFunctions = {
  which: `p.pronamespace = 'pg_catalog'::regnamespace
          and (p.prosrc ~ '^be_lo' or p.proname = 'pg_logical_emit_message')`,
  roles: [],
};

/**
 * Advisory locks: one of them keeps migrations from running, and enough of them fill the lock table that all sessions
 * share. Letting go of one needs no privilege.
 */
export function advisoryLocks(roles: readonly string[]): ClosedFunctions {
  const which = `p.pronamespace = 'pg_catalog'::regnamespace
                 and p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'`;
  return { which, roles };
}

/** TimescaleDB's jobs of one's own: each takes a worker from those that compress, drop and digest. */
export function addJob(roles: readonly string[]): ClosedFunctions {
  const which = `p.proname = 'add_job'
                 and p.oid in (select objid from pg_catalog.pg_depend
                                where classid = 'pg_catalog.pg_proc'::regclass and deptype = 'e')`;
  return { which, roles };
}

/** SQL that closes functions, of which only their owner can. Others are left as they are, without an error. */
export function closeFunctionsSql({ which, roles }: ClosedFunctions): string {
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

/** SQL that keeps everybody but their owner out of databases; only the owner can. @param names unquoted */
export function closeDatabasesSql(names: readonly string[]): string {
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
