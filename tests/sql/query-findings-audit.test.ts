/** The named queries of TimescaleDB: overdue chunks are found and compressed, and the queries show it. */
import { HYPERTABLES } from "../../components/hypertables/plan/hypertable-facts";
import { DISABLE_TRIGGERS } from "../../data/load-table";
import { dayIn, midnight } from "../support/clock";
import { QueryStack } from "../support/query-stack";

jest.setTimeout(120_000);

let stack: QueryStack;

/** The day may change during the test. */
const STARTED = new Date();

beforeAll(async () => {
  stack = await QueryStack.start();
  await stack.asAuditor(async (client) => {
    await client.query(`begin; ${DISABLE_TRIGGERS}`);
    // Two hours each of today, of a day due for compression and of a day due to be dropped.
    for (const days of [0, 10, 100]) {
      await client.query(`
        insert into public.audit_events (time, event_type, status, details)
        select timestamptz '${midnight(days, STARTED).toISOString()}' + g * interval '7 seconds', 'type-' || g % 3, 'success',
               '{"reason": "the same for each"}'
          from generate_series(1, 1000) as g`);
    }
    await client.query("commit; analyze public.audit_events");
  });
});

afterAll(() => stack.stop());

/** The result of a query on the audit database. */
async function ofEvents(name: string, of = "hypertable"): Promise<object | undefined> {
  return (await stack.rows(name)).find((row) => row[of] === "audit_events");
}

const overdue = async (): Promise<unknown[][]> =>
  (await stack.rows("overdue-chunks")).map((row) => [row["overdue_for"], String(row["by"])]);

test("the table size query estimates rows from the chunks' statistics", async () => {
  expect(await stack.rows("event-estimates")).toEqual(
    HYPERTABLES.toSorted().map((hypertable) => ({
      hypertable,
      rows: hypertable === "audit_events" ? 3000 : 0,
    })),
  );
});

test("the retention query shows the retention of each hypertable and its oldest row", async () => {
  const rows = await stack.rows("retention");
  const names = [
    ...HYPERTABLES,
    "daily_policy_stats",
    "hourly_audit_summary",
    "hourly_policy_stats",
  ];
  expect(rows.map((row) => row["relation"])).toEqual(names.sort());
  expect(await ofEvents("retention", "relation")).toMatchObject({
    kept_for: "90 days",
    oldest: `${dayIn(midnight(100, STARTED))} 00:00:00+00`,
  });
});

test("the job queries show how aggregates and jobs run", async () => {
  expect(await stack.rows("aggregates")).toMatchObject([
    {
      aggregate: "daily_policy_stats",
      real_time: true,
      reaches_back: "5 days",
      leaves_out: "1 day",
    },
    { aggregate: "hourly_audit_summary", real_time: true, reaches_back: "74:00:00" },
    { aggregate: "hourly_policy_stats", real_time: true, reaches_back: "74:00:00" },
  ]);
  const jobs = await stack.rows("background-jobs");
  for (const relation of HYPERTABLES) {
    const what = jobs.filter((job) => job["relation"] === relation).map((job) => job["what"]);
    expect(what).toEqual(expect.arrayContaining(["policy_compression", "policy_retention"]));
  }
});

// The embedded server counts no scans; the test sums the sizes.
test("the index query sums indexes over their chunks", async () => {
  const rows = await stack.rows("hypertable-indexes");
  const index = rows.find((row) => row["index_name"] === "audit_events_user_id_time_idx");
  const bytes = await stack.asAuditor(async (client) => {
    const { rows: sums } = await client.query<{ bytes: number }>(`
      select sum(pg_relation_size(indexrelid))::int as bytes from pg_stat_user_indexes
       where indexrelname like '\\_hyper%chunk\\_audit\\_events\\_user\\_id\\_time\\_idx'`);
    return sums[0]?.bytes;
  });
  expect(index).toMatchObject({ hypertable: "audit_events", scans: 0, bytes });
  expect(bytes).toBeGreaterThanOrEqual(3 * 2 * 8192);
});

test("the chunk query lists overdue chunks until they are compressed", async () => {
  expect(await ofEvents("hypertable-sizes")).toMatchObject({ chunks: 3, compressed_chunks: 0 });
  expect((await overdue()).map(([what]) => what)).toEqual(["compressed", "dropped", "compressed"]);

  const compressed = await stack.rows("compress-due-chunks", {}, { yes: true });
  expect(compressed.map((row) => [row["hypertable"], row["compressed"]])).toEqual([
    ["audit_events", true],
    ["audit_events", true],
  ]);

  expect((await overdue()).map(([what]) => what)).toEqual(["dropped"]);
  expect(await ofEvents("hypertable-sizes")).toMatchObject({ chunks: 3, compressed_chunks: 2 });
  const saved = await ofEvents("compression");
  expect(saved).toMatchObject({ chunks: 3, compressed_chunks: 2 });
  expect(Number(Reflect.get(saved ?? {}, "saved_percent"))).toBeGreaterThan(50);
  const chunks = await stack.rows("compression-by-chunk");
  expect(chunks.map((row) => row["status"])).toEqual(["uncompressed", "compressed", "compressed"]);
  expect((await stack.rows("chunks")).map((row) => row["compressed"])).toEqual([false, true, true]);
  expect(await stack.rows("chunks", { hypertable: "siem_events" })).toEqual([]);
});
