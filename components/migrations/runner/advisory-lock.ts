import type { Client } from "pg";
import { MigrationError } from "../plan/errors";
import { printable } from "../../text/printable";

/** Any constant that no one else uses: "sark" in ASCII. */
const LOCK_KEY = 0x7361726b;
const POLL_MS = 250;
const LOG_INTERVAL_MS = 10_000;

/**
 * Takes the migration lock for the session. It polls: a session that blocks on the lock would hold a snapshot, for
 * which a CREATE INDEX CONCURRENTLY of the lock's holder would wait, and both would wait for ever.
 * @param waitMs maximum wait for another run, in ms
 * @throws MigrationError `locked`, naming the holder
 */
export async function takeLock(
  client: Client,
  waitMs: number,
  say: (text: string) => void,
): Promise<void> {
  const started = Date.now();
  let said = -Infinity;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      "select pg_catalog.pg_try_advisory_lock($1) as locked",
      [LOCK_KEY],
    );
    if (rows[0]?.locked) return;
    const now = Date.now();
    if (now - started > waitMs) {
      throw new MigrationError(
        "locked",
        `another run has held the migration lock for ${Math.round(waitMs / 1000)} s: ${await holder(client)}. ` +
          `Wait for it or end that session, then run again`,
      );
    }
    if (now - said >= LOG_INTERVAL_MS) {
      say(`waiting for another run to finish: ${await holder(client)}`);
      said = now;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Releases the lock and resets the role. A lost session has already done so. */
export async function releaseLock(client: Client): Promise<void> {
  await client
    .query("reset role; select pg_catalog.pg_advisory_unlock_all()")
    .catch(() => undefined);
}

async function holder(client: Client): Promise<string> {
  const { rows } = await client.query<{ who: string }>(
    `select pg_catalog.concat_ws(' ', 'process', a.pid, 'of', a.usename, pg_catalog.format('(%s)', a.application_name),
                                 'from ' || pg_catalog.host(a.client_addr), 'since ' || a.backend_start) as who
       from pg_catalog.pg_locks as l
       join pg_catalog.pg_stat_activity as a on a.pid = l.pid
       join pg_catalog.pg_database as d on d.oid = l.database and d.datname = pg_catalog.current_database()
      where l.locktype = 'advisory' and l.classid = 0 and l.objid = $1 and l.granted`,
    [LOCK_KEY],
  );
  return printable(rows[0]?.who ?? "a session that has just ended");
}
