/** What the queries of TimescaleDB are for: chunks that are overdue are found and compressed, and it shows. */
import { HYPERTABLES } from "../../components/hypertables/plan/hypertable-facts";
import { DISABLE_TRIGGERS } from "../../data/load-table";
import { dayIn, midnight } from "../support/clock";
import { QueryStack } from "../support/query-stack";

jest.setTimeout(120_000);

let stack: QueryStack;

/** The day may end while this runs. */
const STARTED = new Date();

beforeAll(async () => {
  stack = await QueryStack.start();
  await stack.asAuditor(async (client) => {
    await client.query(`begin; ${DISABLE_TRIGGERS}`);
    // Two hours of today, of a day that is due to be compressed and of one that is due to be dropped as well.
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

/** What a query says of the audit trail. */
async function ofEvents(name: string, of = "hypertable"): Promise<object | undefined> {
  return (await stack.rows(name)).find((row) => row[of] === "audit_events");
}

const overdue = async (): Promise<unknown[][]> =>
  (await stack.rows("overdue-chunks")).map((row) => [row["overdue_for"], String(row["by"])]);

test("rows are estimated from what the chunks' statistics say", async () => {
  expect(await stack.rows("event-estimates")).toEqual(
    HYPERTABLES.toSorted().map((hypertable) => ({
      hypertable,
      rows: hypertable === "audit_events" ? 3000 : 0,
    })),
  );
});

test("retention says how long each is kept, and what the oldest is", async () => {
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

test("aggregates and jobs say how they are run", async () => {
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

// This server counts no scans; the sum of them is that of the sizes.
test("indexes are added up over their chunks", async () => {
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

test("chunks past their age are overdue, until they are compressed", async () => {
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
