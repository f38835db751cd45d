import type { Client } from "pg";
import { printable } from "../../text/printable";

/** How many sessions are named, so that a message stays readable. */
const NAMED = 5;

/**
 * A sentence on who holds locks on these relations now; sets the role back to the login's own, which may know more than
 * the owner. What a session runs is not shown: it may hold personal values. Of other roles' sessions, a login that is no
 * member of pg_read_all_stats learns the process, the role and the application, and not since when.
 * @param snapshots also who has a transaction open: an index that is built concurrently waits for all of them
 */
export async function holdersOf(
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
      limit ${NAMED}`,
    [locked.rows.map(({ name }) => name), locked.rows.map(({ id }) => id), snapshots],
  );
  return rows.length > 0
    ? rows.map(({ who }) => printable(who)).join("; ")
    : "who held the lock has let go of it meanwhile";
}
