/**
 * Compression ratio of the migrations' layouts on one generated working day: as much as docs/compression.md states. The
 * guide's layout saves little.
 */
import { measure, measureBefore, type Before } from "../../bench/compression/measure";
import { groupByUserSession } from "../../bench/compression/user-sessions";
import {
  type Hypertable,
  HYPERTABLE_FACTS,
  HYPERTABLES,
} from "../../components/hypertables/plan/hypertable-facts";
import { parseIntervalHours } from "../../components/hypertables/plan/intervals";
import { ENABLE_TRIGGERS, DISABLE_TRIGGERS, loadTable } from "../../data/load-table";
import { tablesOf } from "../../data/tables";
import { migratedAudit } from "../support/migrated-audit";
import type { TestTimescale } from "../support/timescale-thread";

let db: TestTimescale;
const before = new Map<Hypertable, Before>();

const beforeOf = (table: Hypertable): Before => {
  const found = before.get(table);
  if (found === undefined) throw new Error(`${table} was not measured`);
  return found;
};

/** The rows are those of the working day that ends at this time. */
const END = new Date("2026-11-20T00:00:00Z");

beforeAll(async () => {
  db = await migratedAudit(END);
  await db.rows(DISABLE_TRIGGERS);
  // A working day of scale M with half the users at half the activity. It begins and ends at midnight.
  const tables = tablesOf("sark_audit", {
    scale: "M",
    seed: 5,
    now: END,
    sizes: { days: 1, users: 30_000, auditEvents: 100_000, policyEvaluations: 60_000 },
  });
  for (const table of tables) await loadTable(db.copyIn, groupByUserSession(table, 5));
  await db.rows(ENABLE_TRIGGERS);
  for (const table of HYPERTABLES) before.set(table, await measureBefore(db, table));
}, 180_000);

afterAll(() => db.close());

test.each(HYPERTABLES)("a day of %s has as many chunks as its migration sets", (table) => {
  const hours = parseIntervalHours(HYPERTABLE_FACTS[table].migration.chunkInterval);
  expect(beforeOf(table).chunks).toBe(Math.max(1, 24 / hours));
});

test.each([
  ["audit_events", 0.9],
  ["policy_evaluations", 0.88],
  ["siem_events", 0.84],
] as const)(
  "compression of %s saves a share of %d of its bytes or more",
  async (table, share) => {
    const { saved, bytes, batches } = await measure(db, table, beforeOf(table));
    expect(saved).toBeGreaterThanOrEqual(share);
    // Proves that rows were compressed, not lost: each has an id of 16 bytes.
    expect(batches).toBeGreaterThanOrEqual(beforeOf(table).rows / 1000);
    expect(bytes / beforeOf(table).rows).toBeGreaterThan(16);
  },
  60_000,
);

test("the guide's layout, segmented by type and user, saves little", async () => {
  const layout = { segmentBy: "event_type, user_id", orderBy: "time desc" };
  const { saved } = await measure(db, "audit_events", beforeOf("audit_events"), { layout });
  expect(saved).toBeLessThan(0.6);
}, 60_000);

// Compresses permanently, so the test rolls back at the end.
test("the writer inserts events into a new chunk and into a compressed chunk", async () => {
  await db.rows("begin");
  try {
    await db.rows(
      "select public.compress_chunk(c) from public.show_chunks('public.audit_events') as c",
    );
    await db.rows("set local role sark_audit_app_a");
    await db.rows(
      "insert into public.audit_events (event_type, status) values ('written now', 'success')",
    );
    await db.rows("reset role");
    await db.rows(
      "select public.compress_chunk(c, if_not_compressed => true) from public.show_chunks('public.audit_events') as c",
    );
    await db.rows("set local role sark_audit_app_a");
    await db.rows(
      "insert into public.audit_events (event_type, status) values ('written now', 'success')",
    );
    await db.rows("reset role");
    const [row] = await db.rows(
      "select count(*)::int as n from public.audit_events where event_type = 'written now'",
    );
    expect(row).toEqual({ n: 2 });
  } finally {
    await db.rows("rollback");
  }
}, 60_000);
