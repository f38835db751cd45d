/** Metrics of sessions and locks on a known workload, and the query that ends one session. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { QueryStack } from "../support/query-stack";

jest.setTimeout(120_000);

const sark = { database: "sark" };

let stack: QueryStack;

beforeAll(async () => {
  stack = await QueryStack.start();
});

afterAll(() => stack.stop());

async function session(login: string): Promise<{ client: Client; pid: number }> {
  const client = await stack.sark.connect(login);
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return { client, pid: rows[0]?.pid ?? 0 };
}

/** One figure of a metric query with one row. */
async function figure(query: string, column: string): Promise<number> {
  const [row] = await stack.rows(query, {}, sark);
  return Number(row?.[column]);
}

test("only a primary publishes primary_up, and it is 1 while it accepts writes", async () => {
  expect(await stack.rows("primary-metrics", {}, sark)).toEqual([{ primary_up: 1 }]);
});

test("the oldest transaction is that of a client, and not of maintenance", async () => {
  const [maintenance, application] = [await session("sark_maintain"), await session("sark_app_a")];
  await maintenance.client.query("begin; select 1");
  await sleep(1100);
  expect(await figure("session-metrics", "transaction_seconds")).toBeLessThan(1);
  await application.client.query("begin; select 1");
  await sleep(1100);
  expect(await figure("session-metrics", "transaction_seconds")).toBeGreaterThan(1);
  await Promise.all([maintenance, application].map(({ client }) => client.query("rollback")));
});

test("the lock table counts the locks in it, and locks-by-session names who holds them", async () => {
  const { client, pid } = await session("sark_app_a");
  const before = await figure("lock-metrics", "locks");
  await client.query("begin; select pg_advisory_xact_lock(g) from generate_series(1, 500) as g");
  expect(await figure("lock-metrics", "locks")).toBeGreaterThanOrEqual(before + 490);
  const [first] = await stack.rows("locks-by-session", {}, sark);
  expect(first).toMatchObject({ pid, login: "sark_app_a", state: "idle in transaction" });
  expect(Number(first?.["locks"])).toBeGreaterThanOrEqual(500);
  await client.query("rollback");
});

test("the lock table has room for the locks of each session that may connect", async () => {
  const { client } = await session("sark_app_a");
  const { rows } = await client.query<{ room: string }>(
    `select current_setting('max_locks_per_transaction')::integer * (current_setting('max_connections')::integer
              + current_setting('max_prepared_transactions')::integer) as room`,
  );
  expect(await figure("lock-metrics", "lock_limit")).toBe(Number(rows[0]?.room));
});

test("terminate-session ends the session of its process id, and no other", async () => {
  const [ended, left] = [await session("sark_app_a"), await session("sark_app_a")];
  const end = new Promise((resolve) => {
    ended.client.once("error", resolve);
  });
  const params = { pid: String(ended.pid) };
  await expect(stack.rows("terminate-session", params, sark)).rejects.toThrow("is not read-only");
  expect(await stack.rows("terminate-session", params, { ...sark, yes: true })).toMatchObject([
    { pid: ended.pid, login: "sark_app_a", terminated: true },
  ]);
  expect(await end).toMatchObject({ code: "57P01" });
  expect((await left.client.query("select 1")).rowCount).toBe(1);
  expect(await stack.rows("terminate-session", params, { ...sark, yes: true })).toEqual([]);
});
