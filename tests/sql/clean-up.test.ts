/** Clean-up under concurrency: it deletes one batch at most, waits for no lock, and blocks no other session. */
import type { Client } from "pg";
import {
  addSessions,
  runConcurrently,
  connectAll,
  LOCK_TIMEOUT,
  sum,
} from "../support/concurrency";
import { sqlStateOf, valueOf } from "../support/expect-sql";
import { migratedSark, type TestServer } from "../../scratch/migrated";

jest.setTimeout(120_000);

const SIZE = 32;
let server: TestServer;
let admin: Client;
let clients: Client[];
let user: unknown;

beforeAll(async () => {
  server = await migratedSark();
  admin = await server.connect("postgres");
  clients = await connectAll(server, SIZE);
  // A lock wait is an error (lock_timeout), so that no test has to measure it.
  for (const client of clients) await client.query("set lock_timeout = '200ms'");
  user = await valueOf(
    admin,
    "insert into users (username, email) values ('ada', 'ada@example.com') returning id",
  );
});

afterAll(() => server.stop());

const client = (at: number): Client => {
  const found = clients[at];
  if (found === undefined) throw new Error(`there is no client ${String(at)}`);
  return found;
};

/** Counters of daily windows that ended long ago, so that no window boundary falls inside a test. */
const addCounters = (prefix: string, rows: number): Promise<unknown> =>
  admin.query(
    `insert into rate_limits (bucket, window_seconds, window_start, hits)
     select $1 || n, 86400, date_bin('1 day', now(), 'epoch') - interval '9 days', 5
       from generate_series(1, $2::integer) as n`,
    [prefix, rows],
  );

const KINDS = [
  {
    name: "delete_expired_sessions",
    table: "sessions",
    key: "access_token_jti",
    add: (prefix: string, rows: number) => addSessions(admin, user, prefix, rows, "-1 hour"),
  },
  { name: "delete_idle_rate_limits", table: "rate_limits", key: "bucket", add: addCounters },
];

describe.each(KINDS)("$name", ({ name, table, key, add }) => {
  const clean = async (on: Client, batch: number): Promise<number> =>
    Number(await valueOf(on, `select ${name}($1)`, [batch]));
  const left = async (): Promise<number> =>
    Number(await valueOf(admin, `select count(*) from ${table}`));

  beforeEach(() => admin.query(`delete from ${table}`));

  const batches = async (switchedOff: readonly string[]): Promise<void> => {
    const planned = await server.connect("sark_app_a");
    for (const off of switchedOff) await planned.query(`set enable_${off} = off`);
    await add("batch-", 60);
    const deleted: number[] = [];
    for (const size of [1, 7, 40, 40]) deleted.push(await clean(planned, size));
    await planned.end();
    expect([deleted, await left()]).toEqual([[1, 7, 40, 12], 0]);
  };

  test.each([
    ["as planned", []],
    ["without hashes", ["hashjoin", "hashagg"]],
    ["without an index", ["indexscan", "bitmapscan", "indexonlyscan"]],
  ])("deletes exactly one batch, %s", (_how, switchedOff) => batches(switchedOff));

  // A nested loop runs a subquery with a limit again for every row, each time with other rows. The
  // planner chooses that plan by itself for a table that had one row at its last analyze.
  test("deletes exactly one batch with nested loops only", () =>
    batches(["hashjoin", "hashagg", "mergejoin", "material", "memoize", "sort"]));

  test("skips a row locked by another transaction, and deletes it later", async () => {
    await add("held-", 5);
    await client(1).query("begin");
    await client(1).query(`select from ${table} where ${key} = 'held-3' for update`);
    try {
      expect([await clean(client(0), 10), await clean(client(0), 10)]).toEqual([4, 0]);
      // A lock wait would fail here, by lock_timeout.
      expect(await sqlStateOf(client(0).query(`delete from ${table}`))).toBe(LOCK_TIMEOUT);
    } finally {
      await client(1).query("rollback");
    }
    expect([await clean(client(0), 10), await left()]).toEqual([1, 0]);
  });

  test("deletes each row once when 32 sessions run it at once", async () => {
    await add("once-", 2000);
    const deleted = await runConcurrently(clients, 10, (on) => clean(on, 10));
    expect(Math.max(...deleted)).toBe(10);
    expect(sum(deleted) + (await left())).toBe(2000);
    // A run that finds only locked rows gives up; the next run deletes the rest.
    expect([await clean(client(0), 5000), await left()]).toEqual([2000 - sum(deleted), 0]);
  });
});

describe("an uncommitted clean-up", () => {
  beforeEach(async () => {
    await admin.query("delete from sessions; delete from rate_limits");
    await addSessions(admin, user, "expired-", 50, "-1 hour");
    await addSessions(admin, user, "living-", 50, "1 hour");
    await addCounters("idle-", 50);
    await client(0).query("begin");
    expect(await valueOf(client(0), "select delete_expired_sessions()")).toBe(50);
    expect(await valueOf(client(0), "select delete_idle_rate_limits()")).toBe(50);
  });
  afterEach(() => client(0).query("rollback"));

  test("does not block log-in, validation, refresh, revocation and rate limits", async () => {
    const rest = clients.slice(1);
    const results = await runConcurrently(rest, 1, async (on, worker) => {
      const jti = `living-${String(worker)}`;
      const login = await on.query(
        `with session as (
           insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
           values ($1, $2, encode(sha256($2::text::bytea), 'hex'), now() + interval '1 hour') returning user_id)
         update users set last_login_at = now() from session where id = session.user_id`,
        [user, `new-${String(worker)}`],
      );
      const validation = await on.query(
        `select from sessions as s join users as u on u.id = s.user_id
          where s.access_token_jti = $1 and s.expires_at > now() and u.is_active`,
        [jti],
      );
      const refresh = await on.query(
        `update sessions set access_token_jti = $1 || '+', expires_at = now() + interval '1 hour',
                refresh_token_hash = encode(sha256(($1 || '+')::bytea), 'hex')
          where access_token_jti = $1`,
        [jti],
      );
      const revocation = await on.query("delete from sessions where access_token_jti = $1 || '+'", [
        jti,
      ]);
      const taken = await on.query("select from take_rate_limit('other', 1000) where allowed");
      return [login, validation, refresh, revocation, taken].map(({ rowCount }) => rowCount);
    });
    expect(results).toEqual(rest.map(() => [1, 1, 1, 1, 1]));
  });

  test("blocks only statements on the rows that it deletes", async () => {
    const revoke = "delete from sessions where access_token_jti = 'expired-1'";
    expect(await sqlStateOf(client(1).query(revoke))).toBe(LOCK_TIMEOUT);
    const take = "select take_rate_limit('idle-1', 10)";
    expect(await sqlStateOf(client(1).query(take))).toBe(LOCK_TIMEOUT);
  });
});

test("a rate limit counter keeps every hit when it is used again during clean-up", async () => {
  await admin.query("delete from rate_limits");
  const buckets = Array.from({ length: 100 }, (_, n) => `again-${String(n + 1)}`);
  await addCounters("again-", buckets.length);
  // These statements do wait for each other's locks.
  for (const each of clients) await each.query("set lock_timeout = 0");
  let cleaned = 0;
  await runConcurrently(clients, buckets.length, async (on, worker, turn) => {
    if (worker % 8 === 0) {
      cleaned += Number(await valueOf(on, "select delete_idle_rate_limits(3)"));
    } else {
      const take = "select allowed from take_rate_limit($1, 1000, 86400)";
      expect(await valueOf(on, take, [buckets[turn]])).toBe(true);
    }
  });
  expect(cleaned).toBeGreaterThan(0);
  const { rows } = await admin.query<{ bucket: string; hits: number }>(
    "select bucket, hits + previous_hits as hits from rate_limits",
  );
  const takers = SIZE - SIZE / 8;
  expect(Object.fromEntries(rows.map(({ bucket, hits }) => [bucket, hits]))).toEqual(
    Object.fromEntries(buckets.map((bucket) => [bucket, takers])),
  );
});
