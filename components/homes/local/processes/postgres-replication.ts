/** Checks whether a replica follows its primary, and lets it catch up. */
import type { Client } from "pg";
import { type Admin, isAnswering, runningPostgres } from "./postgres";
import { serverFiles } from "./postgres-files";
import { logOfThisStart, postgresLogExcerpt } from "./postgres-log";
import { withAdmin } from "./postgres-admin";
import { waitUntil } from "./process";

/** Whether the slot exists and its WAL is not lost. */
export async function isSlotKept(client: Client, slot: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_replication_slots
     where slot_name = $1 and wal_status is distinct from 'lost' and invalidation_reason is null`,
    [slot],
  );
  return rowCount === 1;
}

/** Whether the replica streams through the slot, as pg_stat_wal_receiver reports. */
export async function isStreaming(folder: string, admin: Admin, slot: string): Promise<boolean> {
  const { rowCount } = await withAdmin(folder, admin, (client) =>
    client.query("select from pg_stat_wal_receiver where status = 'streaming' and slot_name = $1", [
      slot,
    ]),
  );
  return rowCount === 1;
}

/** Log messages after which waiting does not help. */
const UNRECOVERABLE =
  /has already been removed|replication slot ".*" does not exist|ahead of the WAL flush position|is behind recovery timeline|insufficient parameter settings|different database system|can no longer (?:access|get changes from) replication slot/;

export function isUnrecoverable(log: string): boolean {
  return UNRECOVERABLE.test(log);
}

/**
 * Waits until the replica answers queries and streams its primary's WAL.
 * @returns undefined when it does, or else the end of an error message.
 */
export async function waitForStreaming(
  folder: string,
  admin: Admin,
  slot: string,
  milliseconds = 20_000,
): Promise<string | undefined> {
  const files = serverFiles(folder);
  const follows = async (): Promise<boolean> =>
    (await isAnswering(folder)) && (await isStreaming(folder, admin, slot));
  await waitUntil(
    async () =>
      runningPostgres(folder) === undefined ||
      (await follows()) ||
      isUnrecoverable(logOfThisStart(files)),
    milliseconds,
  );
  return (await follows()) ? undefined : postgresLogExcerpt(files);
}

/**
 * Waits until the replica has replayed all WAL of the primary, and then writes a checkpoint. Otherwise older WAL
 * records would require the higher value of a lowered parameter, such as max_connections.
 */
export async function catchUp(primary: string, replica: string, admin: Admin): Promise<void> {
  const target = await withAdmin(primary, admin, async (client) => {
    await client.query("checkpoint");
    const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_lsn() as lsn");
    return rows[0]?.lsn;
  });
  await withAdmin(replica, admin, async (client) => {
    await waitUntil(async () => {
      // Replay is paused when a parameter is too low: the restart that follows raises it.
      const { rows } = await client.query<{ done: boolean }>(
        `select pg_get_wal_replay_pause_state() = 'paused'
                or coalesce(pg_last_wal_replay_lsn() >= $1, false) as done`,
        [target],
      );
      return rows[0]?.done === true;
    }, 10_000);
    await client.query("checkpoint");
  });
}
