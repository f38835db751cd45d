import type { Client } from "pg";
import { printable } from "../../text/printable";

/** Maximum number of sessions named, so that a message stays readable. */
const MAX_SESSIONS = 5;

/**
 * Describes the sessions that hold locks on these relations. It resets the role to the login's own, which may see more
 * than the owner. A session's query is not shown: it may contain personal data. For sessions of other roles, a login
 * without pg_read_all_stats sees process, role and application, but not since when.
 * @param snapshots also lists sessions with an open transaction: a concurrent index build waits for
 *   all of them
 */
export async function describeLockHolders(
  client: Client,
  relations: readonly string[],
  snapshots = false,
): Promise<string> {
  const locked = await client.query<{ name: string; id: string }>(
    `select name, pg_catalog.to_regclass(name)::oid as id from pg_catalog.unnest($1::text[]) as name`,
    [relations],
  );
  await client.query("reset role");
  const { rows } = await client.query<{ who: string }>(
    `with held (what, pid) as (
       select name || ' is locked by', l.pid
         from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::oid[])) as named (name, id)
         join pg_catalog.pg_locks as l on l.relation = id and l.granted
         join pg_catalog.pg_database as d on d.oid = l.database and d.datname = pg_catalog.current_database()
        union
       select 'a transaction is open in', l.pid
         from pg_catalog.pg_locks as l
        where $3 and l.locktype = 'virtualxid' and l.granted
     )
     select pg_catalog.concat_ws(', ',
              pg_catalog.format('%s process %s of %s (%s)', h.what, a.pid, a.usename, a.application_name),
              case when a.state like 'idle in transaction%' then a.state end,
              'since ' || pg_catalog.to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')) as who
       from held as h
       join pg_catalog.pg_stat_activity as a
         on a.pid = h.pid and a.datname = pg_catalog.current_database()
      where a.pid <> pg_catalog.pg_backend_pid()
      order by a.xact_start, who
      limit ${MAX_SESSIONS}`,
    [locked.rows.map(({ name }) => name), locked.rows.map(({ id }) => id), snapshots],
  );
  return rows.length > 0
    ? rows.map(({ who }) => printable(who)).join("; ")
    : "the lock was released in the meantime";
}
