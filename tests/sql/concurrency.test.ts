/** The application's statements from 32 concurrent connections: no lost update, no deadlock. */
import type { Client } from "pg";
import { waitUntil } from "../../components/homes/local/processes/process";
import {
  addSessions,
  runConcurrently,
  connectAll,
  DEADLOCK,
  hash,
  longWindow,
  NAIVE_RATE_LIMIT,
  refresh,
  sum,
  tally,
  transaction,
  validate,
} from "../support/concurrency";
import { sqlStateOf, valueOf } from "../support/expect-sql";
import { migratedSark, type TestServer } from "../../scratch/migrated";

jest.setTimeout(120_000);

const SIZE = 32;
let server: TestServer;
let admin: Client;
let clients: Client[];
let users: string[];

beforeAll(async () => {
  server = await migratedSark({ deadlock_timeout: "100ms" });
  admin = await server.connect("postgres");
  clients = await connectAll(server, SIZE);
  const { rows } = await admin.query<{ id: string }>(
    "insert into users (username, email) select 'u' || n, n || '@example.com' from generate_series(1, 4) as n returning id",
  );
  users = rows.map(({ id }) => id);
});

afterAll(() => server.stop());

const range = (size: number): number[] => Array.from({ length: size }, (_, n) => n);

test("concurrent validation, refresh, revocation and clean-up of sessions let one refresh win per session", async () => {
  const [SESSIONS, ROUNDS, RIVALS, EXPIRED] = [4, 15, 4, 2000];
  await addSessions(admin, users[0], "quiet-", 8, "1 hour");
  await addSessions(admin, users[0], "renewed-", SESSIONS, "1 hour");
  await addSessions(admin, users[0], "revoked-", 100, "1 hour");
  await addSessions(admin, users[0], "expired-", EXPIRED, "-1 hour");
  const tokens = range(SESSIONS).map((n) => `renewed-${String(n)}`);

  // Sixteen connections refresh, four per session, all with the same token, which only one of them can use.
  const rivals = range(SESSIONS).map(async (session) => {
    const group = clients.slice(session * RIVALS, (session + 1) * RIVALS);
    for (let round = 0; round < ROUNDS; round++) {
      const old = String(tokens[session]);
      const tried = await Promise.all(
        group.map(async (client, at) => {
          const renewed = `renewed-${String(session)}/${String(round)}/${String(at)}`;
          return (await refresh(client, old, renewed)) ? [renewed] : [];
        }),
      );
      expect(tried.flat()).toHaveLength(1);
      tokens[session] = String(tried.flat()[0]);
    }
  });
  const validators = runConcurrently(clients.slice(16, 24), 100, async (client, _worker, turn) => {
    expect(await validate(client, `quiet-${String(turn % 8)}`)).toHaveLength(1);
    await validate(client, String(tokens[turn % SESSIONS]));
  });
  const revokers = runConcurrently(clients.slice(24, 28), 100, async (client, _worker, turn) => {
    const jti = `revoked-${String(turn)}`;
    const { rowCount } = await client.query("delete from sessions where access_token_jti = $1", [
      jti,
    ]);
    expect(await validate(client, jti)).toEqual([]);
    return Number(rowCount);
  });
  const cleaners = runConcurrently(clients.slice(28), 20, async (client) =>
    Number(await valueOf(client, "select delete_expired_sessions(30)")),
  );
  await Promise.all([...rivals, validators]);
  expect(sum(await revokers)).toBe(100);
  expect(sum(await cleaners)).toBe(EXPIRED);

  const { rows } = await admin.query<{ jti: string }>(
    "select access_token_jti as jti from sessions",
  );
  const quiet = range(8).map((n) => `quiet-${String(n)}`);
  expect(rows.map(({ jti }) => jti).sort()).toEqual([...quiet, ...tokens].sort());
});

test("concurrent log-ins of the same few users are all recorded, and the last one is last_login", async () => {
  await admin.query("delete from sessions");
  await runConcurrently(clients, 12, (client, worker, turn) =>
    transaction(client, async () => {
      const user = users[(worker + turn) % users.length];
      await client.query(
        `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
         values ($1, $2, ${hash("$2")}, now() + interval '1 hour')`,
        [user, `login-${String(worker)}-${String(turn)}`],
      );
      // now() alone is not enough: the transaction that began first may commit last.
      await client.query(
        "update users set last_login_at = greatest(last_login_at, now()) where id = $1",
        [user],
      );
    }),
  );
  const { rows } = await admin.query(
    `select count(*)::integer as sessions, max(s.created_at) = u.last_login_at as latest
       from users as u join sessions as s on s.user_id = u.id group by u.id`,
  );
  expect(rows).toEqual(users.map(() => ({ sessions: (SIZE * 12) / 4, latest: true })));
});

describe("rate limits from 32 connections", () => {
  const LIMIT = 20;
  const bucketOf = (turn: number): string => `bucket-${String(turn % 4)}`;
  const take = (client: Client, turn: number, seconds: number, limiter = "take_rate_limit") =>
    valueOf(client, `select allowed from ${limiter}($1, $2, $3)`, [bucketOf(turn), LIMIT, seconds]);
  /** Number of allowed calls by bucket. */
  const load = async (turns: number, seconds: number, limiter?: string) =>
    tally(
      (
        await runConcurrently(clients, turns, async (client, _worker, turn) =>
          (await take(client, turn, seconds, limiter)) === true ? [bucketOf(turn)] : [],
        )
      ).flat(),
    );
  const perBucket = (count: number): Record<string, number> =>
    Object.fromEntries(range(4).map((n) => [bucketOf(n), count]));

  beforeEach(() => admin.query("delete from rate_limits"));

  test("allow exactly the limit, and count each call", async () => {
    expect(await load(20, await longWindow(admin))).toEqual(perBucket(LIMIT));
    const { rows } = await admin.query<{ bucket: string; hits: number }>(
      "select bucket, hits + previous_hits as hits from rate_limits",
    );
    expect(Object.fromEntries(rows.map(({ bucket, hits }) => [bucket, hits]))).toEqual(
      perBucket(LIMIT),
    );
  });

  test("allow more than the limit with a naive limiter that reads before it writes", async () => {
    await admin.query(`
      ${NAIVE_RATE_LIMIT}
      insert into rate_limits (bucket, window_seconds, window_start, hits)
      select 'bucket-' || n, 60, now(), 0 from generate_series(0, 3) as n`);
    for (const allowed of Object.values(await load(4, 60, "naive_rate_limit")))
      expect(allowed).toBeGreaterThan(LIMIT);
  });

  test("lose no hit across windows, and weigh the previous window into the next", async () => {
    await admin.query(`
      create table ledger (
        bucket text, start timestamptz, hits integer, before integer, at timestamptz default clock_timestamp());
      create function note_hit() returns trigger language plpgsql security definer as $$
      begin
        insert into public.ledger values (new.bucket, new.window_start, new.hits, new.previous_hits);
        return null;
      end $$;
      create trigger note_hit after insert or update on rate_limits for each row execute function note_hit();`);
    const windows = async (): Promise<number> =>
      Number(await valueOf(admin, "select count(distinct start) from ledger"));
    let allowed = 0;
    while ((await windows()) < 4) allowed += sum(Object.values(await load(16, 1)));

    expect(await valueOf(admin, "select count(*)::integer from ledger")).toBe(allowed);
    const { rows } = await admin.query<Record<string, unknown>>(
      `select max(hits) <= $1 as within_limit,
              count(*) = max(hits) and count(distinct hits) = max(hits) as all_counted,
              bool_and(before = coalesce((
                select max(p.hits) from ledger as p where p.bucket = l.bucket and p.start = l.start - interval '1 s'), 0)
              ) as carried_over,
              -- At the time of the note, which is after that of the call, so the weight is no more than it was.
              bool_and(hits + before * greatest(0, 1 - extract(epoch from at - start)) <= $1) as sliding
         from ledger as l group by bucket, start`,
      [LIMIT],
    );
    const good = { within_limit: true, all_counted: true, carried_over: true, sliding: true };
    expect(rows).toEqual(rows.map(() => good));
    expect(await valueOf(admin, "select bool_or(before = $1) from ledger", [LIMIT])).toBe(true);
  });
});

test("concurrent uses of an API key are written once an hour", async () => {
  await admin.query(`
    create table uses (key uuid, hour timestamptz);
    create function note_use() returns trigger language plpgsql security definer as $$
    begin
      insert into public.uses values (new.id, new.last_used_at);
      return null;
    end $$;
    create trigger note_use after update on api_keys for each row execute function note_use();`);
  const { rows: keys } = await admin.query<{ id: string }>(
    `insert into api_keys (user_id, name, prefix, key_hash)
     select $1, 'ci', 'sark_' || n, ${hash("n")} from generate_series(1, 8) as n returning id`,
    [users[0]],
  );
  await runConcurrently(clients, 40, (client, _worker, turn) =>
    client.query("select record_api_key_use($1)", [keys[turn % keys.length]?.id]),
  );
  // The hour may change during the test, before or after each use of a key.
  const { rows } = await admin.query(
    "select count(distinct key)::integer as keys, count(*) = count(distinct (key, hour)) as once_an_hour from uses",
  );
  expect(rows).toEqual([{ keys: keys.length, once_an_hour: true }]);
});

test("concurrent publishers of three policies get versions without gaps", async () => {
  const published = await runConcurrently(clients, 6, async (client, worker, turn) => {
    const name = `policy-${String((worker + turn) % 3)}`;
    const publish = "select publish_policy($1, 'package p', $2)";
    return { name, version: Number(await valueOf(client, publish, [name, users[0]])) };
  });
  for (const policy of range(3)) {
    const name = `policy-${String(policy)}`;
    const versions = published.filter((each) => each.name === name).map(({ version }) => version);
    expect(versions.sort((a, b) => a - b)).toEqual(range((SIZE * 6) / 3).map((n) => n + 1));
    const inForce = "select version from policies where name = $1";
    expect(await valueOf(admin, inForce, [name])).toBe(versions.length);
  }
});

test("the concurrent statements cause no deadlock, and a provoked deadlock is counted", async () => {
  /** The server reports all statistics of a connection only after it ended. */
  const deadlocks = async (ended: readonly Client[]): Promise<unknown> => {
    await Promise.all(ended.map((client) => client.end()));
    const others =
      "select count(*) from pg_stat_activity where usename = 'sark_app_a' and pid <> pg_backend_pid()";
    expect(await waitUntil(async () => (await valueOf(admin, others)) === "0", 10_000)).toBe(true);
    return valueOf(admin, "select deadlocks::integer from pg_stat_database where datname = 'sark'");
  };
  expect(await deadlocks(clients)).toBe(0);

  const pair = await connectAll(server, 2);
  const touch = (client: Client, user: number): Promise<unknown> =>
    client.query("update users set last_login_at = now() where id = $1", [users[user]]);
  for (const client of pair) await client.query("begin");
  await Promise.all(pair.map((client, at) => touch(client, at)));
  const outcomes = await Promise.all(
    pair.map(async (client, at) => {
      const result = await sqlStateOf(touch(client, 1 - at));
      await client.query("rollback");
      return result;
    }),
  );
  expect(outcomes.sort()).toEqual([DEADLOCK, "ok"]);
  expect(await deadlocks(pair)).toBe(1);
});
