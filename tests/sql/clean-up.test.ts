/** Clean-up beside everything else: it takes a batch at most, waits for nobody, and nobody waits for it. */
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
  // Waiting is an error, so that no test has to measure it.
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

/** Counters of windows of a day that ended long ago: no boundary that matters falls inside a test. */
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
  ])("deletes a batch and no row more, %s", (_how, switchedOff) => batches(switchedOff));

  // A subquery with a limit is run again for every row of a nested loop, each time for other rows. The planner takes
  // that plan by itself for a table that had one row when it was analyzed last.
  test("deletes a batch and no row more, by nested loops alone", () =>
    batches(["hashjoin", "hashagg", "mergejoin", "material", "memoize", "sort"]));

  test("passes over a row that another transaction holds, and takes it later", async () => {
    await add("held-", 5);
    await client(1).query("begin");
    await client(1).query(`select from ${table} where ${key} = 'held-3' for update`);
    try {
      expect([await clean(client(0), 10), await clean(client(0), 10)]).toEqual([4, 0]);
      // What would wait does fail here.
      expect(await sqlStateOf(client(0).query(`delete from ${table}`))).toBe(LOCK_TIMEOUT);
    } finally {
      await client(1).query("rollback");
    }
    expect([await clean(client(0), 10), await left()]).toEqual([1, 0]);
  });

  test("thirty-two at once delete each row once", async () => {
    await add("once-", 2000);
    const deleted = await runConcurrently(clients, 10, (on) => clean(on, 10));
    expect(Math.max(...deleted)).toBe(10);
    expect(sum(deleted) + (await left())).toBe(2000);
    // Who finds nothing that is free gives up; what is left is taken by the next.
    expect([await clean(client(0), 5000), await left()]).toEqual([2000 - sum(deleted), 0]);
  });
});

describe("while a clean-up has not committed", () => {
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

  test("others log in, validate, refresh, revoke and are counted", async () => {
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

  test("only who wants one of its very rows would wait", async () => {
    const revoke = "delete from sessions where access_token_jti = 'expired-1'";
    expect(await sqlStateOf(client(1).query(revoke))).toBe(LOCK_TIMEOUT);
    const take = "select take_rate_limit('idle-1', 10)";
    expect(await sqlStateOf(client(1).query(take))).toBe(LOCK_TIMEOUT);
  });
});

test("a counter that is used again while clean-up runs keeps every hit", async () => {
  await admin.query("delete from rate_limits");
  const buckets = Array.from({ length: 100 }, (_, n) => `again-${String(n + 1)}`);
  await addCounters("again-", buckets.length);
  // Waiting is what these do, for each other.
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
