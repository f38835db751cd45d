/** The named queries of monitoring and maintenance find a planted condition, and do not report sound objects. */
import type { Client } from "pg";
import { sqlStateOf, UNIQUE_VIOLATION, valueOf } from "../support/expect-sql";
import { QueryStack } from "../support/query-stack";

jest.setTimeout(120_000);

/** SQLSTATE of a session that was terminated. */
const ADMIN_SHUTDOWN = "57P01";

let stack: QueryStack;
let admin: Client;

beforeAll(async () => {
  stack = await QueryStack.start();
  admin = await stack.sark.connect("postgres");
  await admin.query(`
    insert into public.users (username, email) select 'user' || g, 'user' || g || '@example.com'
      from generate_series(1, 3000) as g;
    select pg_stat_force_next_flush(); select 1`);
  await admin.query("vacuum analyze public.users");
});

afterAll(() => stack.stop());

const sark = { database: "sark" };
const yes = { ...sark, yes: true };

/** Values of one column. */
async function column(name: string, of: string, params = {}, more = sark): Promise<unknown[]> {
  return (await stack.rows(name, params, more)).map((row) => row[of]);
}

/** A login's session, its process, and the SQLSTATE with which it was ended. */
async function session(login: string) {
  const client = await stack.sark.connect(login);
  const ended = new Promise<string>((resolve) => {
    client.once("error", (error: Error & { code?: string }) => {
      resolve(error.code ?? error.message);
    });
  });
  return { client, ended, pid: Number(await valueOf(client, "select pg_backend_pid()")) };
}

/** Waits until the server shows a session in the given state. */
async function shown(pid: number, where: string): Promise<void> {
  const text = `select count(*) from pg_stat_activity where pid = $1 and ${where}`;
  for (let tries = 0; Number(await valueOf(admin, text, [pid])) === 0; tries++) {
    if (tries > 500) throw new Error(`session ${pid} is never ${where}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("index queries", () => {
  test("find no duplicate, invalid or missing foreign key index in the schema", async () => {
    for (const name of ["duplicate-indexes", "invalid-indexes", "foreign-keys-without-index"]) {
      for (const { database, error, rows } of await stack.ask(name)) {
        expect([name, database, error, rows]).toEqual([name, database, undefined, []]);
      }
    }
  });

  test("find a duplicate, a prefix and an unfinished index, but not one in another column order", async () => {
    await admin.query(`
      create index twin_idx on public.users (created_at desc, id desc);
      create index prefix_idx on public.users (created_at desc);
      create index other_order_idx on public.users (created_at);
      create unique index twin_key on public.users (lower(email));
      create index partial_idx on public.users (created_at desc) where is_admin`);
    const failed = "create unique index concurrently broken_key on public.users (is_active)";
    expect(await sqlStateOf(admin.query(failed))).toBe(UNIQUE_VIOLATION);
    const pairs = await stack.rows("duplicate-indexes", {}, sark);
    expect(pairs.map((row) => [row["index_name"], row["covered_by"]]).sort()).toEqual([
      ["prefix_idx", "twin_idx"],
      ["prefix_idx", "users_created_at_id_idx"],
      ["twin_idx", "users_created_at_id_idx"],
      ["twin_key", "users_email_lower_key"],
    ]);
    expect(await column("invalid-indexes", "index_name")).toEqual(["public.broken_key"]);
    await admin.query(
      `drop index twin_idx, prefix_idx, other_order_idx, twin_key, partial_idx, broken_key`,
    );
  });

  test("find a foreign key without an index, whatever the column order of the indexes", async () => {
    await admin.query(`
      create table public.planted (policy uuid, version integer, other integer,
        constraint planted_fkey foreign key (policy, version) references public.policy_versions (policy_id, version));
      create index planted_late_idx on public.planted (other, policy, version)`);
    expect(await column("foreign-keys-without-index", "foreign_key")).toEqual(["planted_fkey"]);
    await admin.query("create index planted_idx on public.planted (version, policy, other)");
    expect(await column("foreign-keys-without-index", "foreign_key")).toEqual([]);
    await admin.query("drop table public.planted");
  });

  test("list an index without scans as unused, except unique ones", async () => {
    await admin.query(`
      create index planted_idx on public.users (updated_at);
      set enable_seqscan = off;
      select count(*) from public.users where last_login_at > now();
      select id from public.users order by created_at desc, id desc limit 5;
      reset enable_seqscan;
      select pg_stat_force_next_flush(); select 1`);
    const unused = await column("unused-indexes", "index_name");
    expect(unused).toContain("planted_idx");
    expect(unused).not.toContain("users_created_at_id_idx");
    expect(unused).not.toContain("users_pkey");
    expect(unused).not.toContain("users_ldap_dn_key");
    const uses = await stack.rows("index-use", {}, sark);
    const used = uses.find((row) => row["index_name"] === "users_created_at_id_idx");
    expect(used).toMatchObject({ scans: 1, entries_each: 5 });
    const sizes = await stack.rows("index-sizes", {}, sark);
    const size = Number(await valueOf(admin, "select pg_relation_size('planted_idx')"));
    expect(sizes.find((row) => row["index_name"] === "planted_idx")).toMatchObject({ bytes: size });
    await admin.query("drop index planted_idx");
  });

  test("list a bloated index as a candidate until it is rebuilt", async () => {
    await admin.query(`
      create table public.planted as select g as id, md5(g::text) as value from generate_series(1, 30000) as g;
      alter table public.planted owner to sark_owner;
      create index planted_idx on public.planted (value);
      delete from public.planted where id % 10 <> 0`);
    await admin.query("vacuum analyze public.planted");
    const candidates = (): Promise<unknown[]> =>
      column("reindex-candidates", "statement", { minimum_bytes: "1000000" });
    expect(await candidates()).toEqual(["reindex index concurrently public.planted_idx"]);
    await admin.query("reindex index public.planted_idx");
    expect(await candidates()).toEqual([]);
    await admin.query("drop table public.planted");
  });
});

describe("session queries", () => {
  test("list a session that is idle in transaction as long-running, by state and application", async () => {
    const { client, pid } = await session("sark_app_a");
    await client.query("set application_name = 'planted'; begin");
    await shown(pid, "state = 'idle in transaction'");
    const found = await stack.rows("long-running-sessions", { older_than: "0 seconds" }, sark);
    expect(found.find((row) => row["pid"] === pid)).toMatchObject({
      login: "sark_app_a",
      application: "planted",
      state: "idle in transaction",
    });
    expect(await column("long-running-sessions", "pid", { older_than: "1 hour" })).toEqual([]);
    expect(await column("connections-by-state", "state")).toContain("idle in transaction");
    expect(await stack.rows("connections-by-application", {}, sark)).toContainEqual({
      application: "planted",
      login: "sark_app_a",
      state: "idle in transaction",
      connections: 1,
    });
    await client.query("rollback");
  });

  test("show a session that waits for a lock, with the session that holds it", async () => {
    const [holder, waiter] = [await session("sark_app_a"), await session("sark_app_a")];
    const lock = "select id from public.users where username = 'user1' for update";
    await holder.client.query(`begin; ${lock}`);
    const waiting = waiter.client.query(lock);
    await shown(waiter.pid, "wait_event_type = 'Lock'");
    expect(await stack.rows("blocked-sessions", {}, sark)).toMatchObject([
      {
        pid: waiter.pid,
        query: lock,
        blocked_by: holder.pid,
        blocker_login: "sark_app_a",
        blocker_state: "idle in transaction",
      },
    ]);
    await holder.client.query("rollback");
    await waiting;
    expect(await stack.rows("blocked-sessions", {}, sark)).toEqual([]);
  });

  test("end sessions idle beyond a limit, except those in a transaction and of superusers", async () => {
    const [idle, busy] = [await session("sark_app_a"), await session("sark_readonly_a")];
    await busy.client.query("begin");
    await shown(busy.pid, "state = 'idle in transaction'");
    const end = (older_than: string): Promise<unknown[]> =>
      column("terminate-idle-connections", "pid", { older_than }, yes);
    expect(await end("1 hour")).toEqual([]);
    const ended = await stack.rows("terminate-idle-connections", { older_than: "0 seconds" }, yes);
    expect(ended).toContainEqual(
      expect.objectContaining({ pid: idle.pid, login: "sark_app_a", terminated: true }),
    );
    expect(ended.map((row) => row["login"])).not.toContain("postgres");
    expect(await idle.ended).toBe(ADMIN_SHUTDOWN);
    expect(await sqlStateOf(busy.client.query("rollback"))).toBe("ok");
  });

  test("end long-running statements, except maintenance and migrations", async () => {
    const slow = await session("sark_app_a");
    const left = [await session("sark_maintain"), await session("sark_migrate")];
    const all = [slow, ...left];
    const outcomes = all.map(({ client }) => sqlStateOf(client.query("select pg_sleep(3)")));
    for (const { pid } of all) await shown(pid, "wait_event = 'PgSleep'");
    const params = { longer_than: "0 seconds" };
    expect(await stack.rows("terminate-long-statements", params, yes)).toMatchObject([
      { pid: slow.pid, login: "sark_app_a", query: "select pg_sleep(3)", terminated: true },
    ]);
    expect(await Promise.all(outcomes)).toEqual([ADMIN_SHUTDOWN, "ok", "ok"]);
  });
});

describe("statistics queries", () => {
  test("rank statements by total and by mean time, until a reset", async () => {
    await admin.query("select pg_sleep(0.2)");
    const seen = expect.arrayContaining([expect.stringContaining("pg_sleep")]) as unknown;
    const often = { slower_than_ms: "100", more_calls_than: "0" };
    expect(await column("statements-by-total-time", "query")).toEqual(seen);
    expect(await column("statements-by-mean-time", "query", often)).toEqual(seen);
    await stack.rows("reset-statement-statistics", {}, yes);
    expect(await column("statements-by-total-time", "query")).not.toEqual(seen);
  });

  test("show dead rows and stale statistics, and none after a vacuum", async () => {
    await admin.query(`
      update public.users set is_admin = not is_admin where username like 'user1%';
      select pg_stat_force_next_flush(); select 1`);
    const of = async (name: string): Promise<object | undefined> =>
      (await stack.rows(name, {}, sark)).find((row) => row["table_name"] === "users");
    // user1, user10 to user19, user100 to user199, user1000 to user1999. From 50 + 20 % of 3,000 on.
    expect(await of("dead-rows")).toMatchObject({ dead_rows: 1111, vacuum_from: 650 });
    expect(await of("stale-statistics")).toMatchObject({ changed_rows: 1111, changed_percent: 37 });
    await stack.rows("vacuum-busy-tables", {}, yes);
    expect(await of("dead-rows")).toMatchObject({ dead_rows: 0 });
    expect(await of("stale-statistics")).toMatchObject({ changed_rows: 0 });
    expect(await of("row-estimates")).toMatchObject({ rows: 3000 });
  });

  test("compare connections with the limit for non-superusers", async () => {
    const [row] = await stack.rows("connection-use", {}, sark);
    const most = Number(await valueOf(admin, "show max_connections"));
    expect(row).toMatchObject({ max_connections: most, reserved: 3, usable: most - 3 });
    const count =
      "select count(*)::int from pg_stat_activity where backend_type = 'client backend'";
    // The query's own session has ended by now, or is ending.
    expect(Number(row?.["connections"])).toBeGreaterThanOrEqual(
      Number(await valueOf(admin, count)),
    );
  });
});
