/** Concurrent connections, as the processes of the application have. */
import type { Client } from "pg";
import type { TestServer } from "../../scratch/migrated";

/** SQLSTATEs of a lock timeout and a deadlock. */
export const LOCK_TIMEOUT = "55P03";
export const DEADLOCK = "40P01";

/** Connects all logins before the work begins, so that it begins at the same time for all. */
export async function connectAll(
  server: TestServer,
  size: number,
  user = "sark_app_a",
): Promise<Client[]> {
  return Promise.all(Array.from({ length: size }, () => server.connect(user)));
}

/** Runs all clients at once, each with its turns one after another. @returns the results of all turns */
export async function runConcurrently<T>(
  clients: readonly Client[],
  turns: number,
  work: (client: Client, worker: number, turn: number) => Promise<T>,
): Promise<T[]> {
  const shares = await Promise.all(
    clients.map(async (client, worker) => {
      const results: T[] = [];
      for (let turn = 0; turn < turns; turn++) results.push(await work(client, worker, turn));
      return results;
    }),
  );
  return shares.flat();
}

/** Runs work in a transaction, which is rolled back if the work fails. */
export async function transaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** Counts equal values. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

export const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);

/** SQL for the hash of a refresh token, from a parameter. */
export const hash = (parameter: string): string =>
  `encode(sha256(${parameter}::text::bytea), 'hex')`;

/** Adds sessions numbered from 0, whose two tokens have the name prefix and number. */
export async function addSessions(
  client: Client,
  user: unknown,
  prefix: string,
  rows: number,
  expires: string,
): Promise<void> {
  await client.query(
    `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
     select $1, $2 || n, ${hash("($2 || n)")}, now() + $4::interval
       from generate_series(0, $3::integer - 1) as n`,
    [user, prefix, rows, expires],
  );
}

/** The sessions of an access token: one or none. */
export async function validate(client: Client, jti: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select s.id from sessions as s join users as u on u.id = s.user_id
      where s.access_token_jti = $1 and s.expires_at > now() and u.is_active`,
    [jti],
  );
  return rows.map(({ id }) => id);
}

/** Renews a session as the application does. @returns whether this call renewed it */
export async function refresh(client: Client, old: string, renewed: string): Promise<boolean> {
  return transaction(client, async () => {
    const { rows } = await client.query<{ id: string }>(
      `select s.id from sessions as s join users as u on u.id = s.user_id
        where s.refresh_token_hash = ${hash("$1")} and s.expires_at > now() and u.is_active
          for update of s`,
      [old],
    );
    for (const { id } of rows) {
      await client.query(
        `update sessions set access_token_jti = $2, refresh_token_hash = ${hash("$2")},
                expires_at = now() + interval '1 hour' where id = $1`,
        [id, renewed],
      );
    }
    return rows.length === 1;
  });
}

/**
 * Seconds of a window of a rate limit that began hours ago and ends in hours. Windows are aligned to the clock, so one
 * of an hour or a day may end during a test.
 */
export async function longWindow(client: Client): Promise<number> {
  const { rows } = await client.query<{ seconds: number }>(
    `select seconds from generate_series(80000, 86400, 10) as seconds
      order by abs(extract(epoch from now())::bigint % seconds - seconds / 2) limit 1`,
  );
  const [window] = rows;
  if (window === undefined) throw new Error("no window was found");
  return window.seconds;
}

/** A limiter that reads first and writes afterwards: the test load must show that it is wrong. */
export const NAIVE_RATE_LIMIT = `
  set role sark_owner;
  create function public.naive_rate_limit(wanted text, max_hits integer, seconds integer)
    returns table (allowed boolean) language plpgsql as $$
  declare
    seen integer := (select hits from public.rate_limits where bucket = wanted);
  begin
    perform pg_sleep(0.02);
    if seen < max_hits then
      update public.rate_limits set hits = seen + 1 where bucket = wanted;
    end if;
    return query select seen < max_hits;
  end $$;
  reset role;`;
