import type { Client } from "pg";
import { longWindow } from "../support/concurrency";
import {
  CHECK_VIOLATION,
  FOREIGN_KEY_VIOLATION,
  sqlStateOf,
  RESTRICT_VIOLATION,
  UNIQUE_VIOLATION,
  valueOf,
} from "../support/expect-sql";
import { migratedSark, type TestServer } from "../../scratch/migrated";

let server: TestServer;
let app: Client;
let user: unknown;

beforeAll(async () => {
  server = await migratedSark();
  app = await server.connect("sark_app_a");
  user = await valueOf(
    app,
    "insert into users (username, email) values ('Ada', 'Ada@example.com') returning id",
  );
}, 120_000);

afterAll(() => server.stop());

/** Runs the same work on several connections at once, each one its share in sequence. */
async function together<T>(
  clients: number,
  each: number,
  work: (client: Client) => Promise<T>,
): Promise<T[]> {
  const connected = await Promise.all(
    Array.from({ length: clients }, () => server.connect("sark_app_a")),
  );
  const shares = await Promise.all(
    connected.map(async (client) => {
      const results: T[] = [];
      for (let i = 0; i < each; i++) results.push(await work(client));
      return results;
    }),
  );
  return shares.flat();
}

const sha256 = (text: string): string => `encode(sha256('${text}'), 'hex')`;

describe("users of sark", () => {
  test("cannot have names that differ only in case", async () => {
    const again = "insert into users (username, email) values";
    expect(await sqlStateOf(app.query(`${again} ('ADA', 'other@example.com')`))).toBe(
      UNIQUE_VIOLATION,
    );
    expect(await sqlStateOf(app.query(`${again} ('other', 'ADA@EXAMPLE.COM')`))).toBe(
      UNIQUE_VIOLATION,
    );
  });

  test("cannot have a password that is not hashed", async () => {
    const set = (hash: string): Promise<unknown> =>
      app.query("update users set password_hash = $1 where id = $2", [hash, user]);
    expect(await sqlStateOf(set("hunter2"))).toBe(CHECK_VIOLATION);
    expect(await sqlStateOf(set("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"))).toBe("ok");
  });

  test("get a new updated_at by an edit, but not by a log-in", async () => {
    const updatedAt = (): Promise<unknown> =>
      valueOf(app, "select updated_at::text from users where id = $1", [user]);
    const before = await updatedAt();
    await app.query("update users set last_login_at = now() where id = $1", [user]);
    expect(await updatedAt()).toBe(before);
    await app.query("update users set email = 'ada@example.org' where id = $1", [user]);
    expect(await updatedAt()).not.toBe(before);
  });

  test("cannot be removed while they own a server; their sessions and keys are deleted with them", async () => {
    const id = await valueOf(
      app,
      "insert into users (username, email) values ('bob', 'bob@example.com') returning id",
    );
    const remove = (): Promise<unknown> => app.query("delete from users where id = $1", [id]);
    await app.query(
      "insert into servers (name, endpoint, api_key_hash, owner_id) values ('s', 'e', 'h', $1)",
      [id],
    );
    await app.query(
      `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
       values ($1, 'bob', ${sha256("bob")}, now())`,
      [id],
    );
    await app.query(
      `insert into api_keys (user_id, name, prefix, key_hash) values ($1, 'ci', 'sark_bob', ${sha256("bob")})`,
      [id],
    );
    expect(await sqlStateOf(remove())).toBe(RESTRICT_VIOLATION);
    await app.query("delete from servers where owner_id = $1", [id]);
    await remove();
    expect(await valueOf(app, "select count(*) from sessions where user_id = $1", [id])).toBe("0");
    expect(await valueOf(app, "select count(*) from api_keys where user_id = $1", [id])).toBe("0");
  });
});

describe("sessions and API keys of sark", () => {
  test("refuse a raw token in place of its hash", async () => {
    expect(
      await sqlStateOf(
        app.query(
          `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
           values ($1, 'raw', 'eyJhbGciOiJIUzI1NiJ9.e30.x', now())`,
          [user],
        ),
      ),
    ).toBe(CHECK_VIOLATION);
    expect(
      await sqlStateOf(
        app.query(
          "insert into api_keys (user_id, name, prefix, key_hash) values ($1, 'raw', 'sark_raw', 'sark_raw_0123456789')",
          [user],
        ),
      ),
    ).toBe(CHECK_VIOLATION);
  });

  test("are cleaned up in batches that leave locked and valid sessions", async () => {
    await app.query(
      `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
       select $1, 'clean-' || g, encode(sha256(('clean-' || g)::bytea), 'hex'),
              now() + case when g <= 25 then interval '-1 hour' else '1 hour' end
         from generate_series(1, 30) as g`,
      [user],
    );
    const refreshing = await server.connect("sark_app_a");
    await refreshing.query("begin");
    await refreshing.query("select from sessions where access_token_jti = 'clean-1' for update");

    const clean = (): Promise<unknown> => valueOf(app, "select delete_expired_sessions(10)");
    expect([await clean(), await clean(), await clean(), await clean()]).toEqual([10, 10, 4, 0]);
    await refreshing.query("rollback");
    expect(await valueOf(app, "select delete_expired_sessions(10, interval '2 hours')")).toBe(0);
    expect(await clean()).toBe(1);
    expect(
      await valueOf(app, "select count(*) from sessions where access_token_jti like 'clean-%'"),
    ).toBe("5");
  });

  test("record the use of a key at most once an hour", async () => {
    const id = await valueOf(
      app,
      `insert into api_keys (user_id, name, prefix, key_hash) values ($1, 'ci', 'sark_ci', ${sha256("ci")}) returning id`,
      [user],
    );
    const version = (): Promise<unknown> =>
      valueOf(app, "select ctid::text from api_keys where id = $1", [id]);
    // now() is constant within a transaction, so the hour cannot change.
    await app.query("begin");
    await app.query("select record_api_key_use($1)", [id]);
    const first = await version();
    await app.query("select record_api_key_use($1)", [id]);
    expect(await version()).toBe(first);
    await app.query(
      "update api_keys set last_used_at = now() - interval '61 minutes' where id = $1",
      [id],
    );
    await app.query("select record_api_key_use($1)", [id]);
    expect(
      await valueOf(
        app,
        "select last_used_at = date_trunc('hour', now()) from api_keys where id = $1",
        [id],
      ),
    ).toBe(true);
    await app.query("commit");
  });

  test("record a server's heartbeat at most once a minute, without a new updated_at", async () => {
    const id = await valueOf(
      app,
      "insert into servers (name, endpoint, api_key_hash, owner_id) values ('beat', 'e', 'h', $1) returning id",
      [user],
    );
    const row = (): Promise<unknown> =>
      valueOf(app, "select ctid::text || (updated_at = created_at) from servers where id = $1", [
        id,
      ]);
    await app.query("select record_server_seen($1)", [id]);
    const first = await row();
    await app.query("select record_server_seen($1)", [id]);
    expect(await row()).toBe(first);
    expect(first).toMatch(/true$/);
  });
});

describe("policies of sark", () => {
  const publish = (client: Client, name: string, rego: string): Promise<unknown> =>
    valueOf(client, "select publish_policy($1, $2, $3)", [name, rego, user]);

  test("keep each version, and can have an older one in force", async () => {
    expect(await publish(app, "read", "package v1")).toBe(1);
    expect(await publish(app, "read", "package v2")).toBe(2);
    await app.query("update policies set version = 1 where name = 'read'");
    expect(
      await valueOf(
        app,
        `select v.rego_code from policies as p join policy_versions as v on (v.policy_id, v.version) = (p.id, p.version)
          where p.name = 'read'`,
      ),
    ).toBe("package v1");
    expect(await publish(app, "read", "package v3")).toBe(3);
  });

  test("cannot point at a version that does not exist", async () => {
    expect(
      await sqlStateOf(app.query("update policies set version = 99 where name = 'read'")),
    ).toBe(FOREIGN_KEY_VIOLATION);
  });

  test("have a history that not even the owner can rewrite", async () => {
    const owner = await server.connect("sark_migrate");
    await owner.query("set role sark_owner");
    for (const statement of [
      "update policy_versions set rego_code = 'package other'",
      "delete from policy_versions",
      "truncate policy_versions cascade",
    ]) {
      expect([statement, await sqlStateOf(owner.query(statement))]).toEqual([
        statement,
        RESTRICT_VIOLATION,
      ]);
    }
  });

  test("get versions without gaps or duplicates from concurrent publishers", async () => {
    const versions = await together(6, 10, (client) => publish(client, "busy", "package busy"));
    expect(versions.map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    expect(await valueOf(app, "select version from policies where name = 'busy'")).toBe(60);
  });
});

describe("rate limits of sark", () => {
  let width: number;

  beforeAll(async () => {
    width = await longWindow(app);
  });

  const take = (client: Client, bucket: string, limit: number): Promise<unknown> =>
    valueOf(client, "select allowed from take_rate_limit($1, $2, $3)", [bucket, limit, width]);

  test("allow exactly the limit from eight concurrent connections", async () => {
    const allowed = await together(8, 40, (client) => take(client, "login:198.51.100.7", 100));
    expect(allowed.filter((yes) => yes === true)).toHaveLength(100);
    expect(allowed.filter((yes) => yes === false)).toHaveLength(220);
  });

  test("return the remaining calls and the end of the window", async () => {
    const { rows } = await app.query(
      `select allowed, remaining, reset_at > now() and reset_at <= now() + make_interval(secs => ${width}) as soon
         from take_rate_limit('a', 2, ${width})`,
    );
    expect(rows).toEqual([{ allowed: true, remaining: 1, soon: true }]);
    await take(app, "a", 2);
    const after = await app.query(
      `select allowed, remaining from take_rate_limit('a', 2, ${width})`,
    );
    expect(after.rows).toEqual([{ allowed: false, remaining: 0 }]);
    expect(await take(app, "none", 0)).toBe(false);
  });

  test("weigh the previous window in part, and ignore the one before", async () => {
    const start = `date_bin(${width} * interval '1 second', now(), 'epoch')`;
    const hits = (windowsAgo: number): string =>
      `insert into rate_limits (bucket, window_seconds, window_start, hits)
       values ('long', ${width}, ${start} - ${windowsAgo * width} * interval '1 second', 1000000)
       on conflict (bucket) do update
         set window_start = excluded.window_start, hits = excluded.hits, previous_hits = 0`;
    const allowed = async (limit: number): Promise<unknown> =>
      valueOf(app, `select allowed from take_rate_limit('long', $1, ${width})`, [limit]);
    const left = Number(
      await valueOf(app, `select 1 - extract(epoch from now() - ${start}) / ${width}`),
    );
    await app.query(hits(1));
    expect(await allowed(Math.floor(1_000_000 * left) - 1000)).toBe(false);
    expect(await allowed(Math.ceil(1_000_000 * left) + 1000)).toBe(true);
    await app.query(hits(2));
    expect(await allowed(1)).toBe(true);
  });

  test("update counters as HOT updates only, even when all pages are in use", async () => {
    const all =
      "select count(*) from generate_series(1, 3000) as g, take_rate_limit('hot-' || g, 1000)";
    await app.query(all);
    await app.query(all);
    await app.query("select pg_stat_force_next_flush()");
    const { rows } = await app.query<{ updates: string; hot: string }>(
      "select n_tup_upd as updates, n_tup_hot_upd as hot from pg_stat_user_tables where relname = 'rate_limits'",
    );
    expect(Number(rows[0]?.updates)).toBeGreaterThanOrEqual(3000);
    expect(rows[0]?.hot).toBe(rows[0]?.updates);
  });

  test("are cleaned up once a counter has no more effect", async () => {
    await app.query(
      `insert into rate_limits (bucket, window_seconds, window_start, hits)
       values ('idle', 60, now() - interval '121 seconds', 1), ('recent', 60, now() - interval '110 seconds', 1)`,
    );
    expect(await valueOf(app, "select delete_idle_rate_limits()")).toBe(1);
    expect(await valueOf(app, "select count(*) from rate_limits where bucket = 'recent'")).toBe(
      "1",
    );
  });
});
