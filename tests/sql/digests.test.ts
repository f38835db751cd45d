/** The daily digests of the audit trail. */
import { createHash } from "node:crypto";
import {
  UNLOCK_DIGESTS,
  dayOf,
  DIGESTED,
  problemsIn,
  DigestedTrail,
} from "../support/digested-trail";
import type { TestTimescale } from "../support/timescale-thread";

jest.setTimeout(120_000);

let trail: DigestedTrail;
let db: TestTimescale;

beforeAll(async () => {
  trail = await DigestedTrail.start();
  db = trail.db;
});

afterAll(() => trail.close());

const sha256 = (...parts: readonly Buffer[]): Buffer =>
  createHash("sha256").update(Buffer.concat(parts)).digest();

describe("the digest job", () => {
  test("digests each finished day of each hypertable, empty days too, as its own role", async () => {
    const days = await db.rows(`
      select hypertable, min(day)::text as first, count(*) = max(day) - min(day) + 1 as gapless,
             max(day) >= (now() at time zone 'UTC')::date - 2 as current, sum(row_count)::int as rows
        from public.audit_digests group by hypertable order by hypertable`);
    expect(days.map(({ hypertable }) => hypertable)).toEqual(DIGESTED.toSorted());
    expect(days).toEqual(
      expect.arrayContaining([
        { hypertable: "audit_events", first: dayOf(95), gapless: true, current: true, rows: 41 },
        {
          hypertable: "policy_evaluations",
          first: dayOf(3),
          gapless: true,
          current: true,
          rows: 200,
        },
        { hypertable: "siem_events", first: dayOf(2), gapless: true, current: true, rows: 1 },
      ]),
    );
    expect(
      await db.rows(
        "select owner from timescaledb_information.jobs where proc_name = 'extend_audit_digests'",
      ),
    ).toEqual([{ owner: "sark_audit_witness" }]);
    expect(problemsIn(await trail.check())).toEqual([]);
  });

  test("resumes after the last digest, and does not change existing digests", async () => {
    const all =
      "select hypertable, day::text, encode(head, 'hex') as head from public.audit_digests order by 1, 2";
    const before = await db.rows(all);
    await db.query("begin");
    await db.query(
      `${UNLOCK_DIGESTS}; delete from public.audit_digests where day > (now() at time zone 'UTC')::date - 7`,
    );
    const left = await db.rows(all);
    expect(left.length).toBeLessThan(before.length);
    expect(problemsIn(await trail.check()).map(({ status }) => status)).toContain("not digested");
    await trail.digest();
    const again = await db.rows(all);
    expect(problemsIn(await trail.check())).toEqual([]);
    await db.query("rollback");
    expect(again.length).toBe(before.length);
    expect(again).toEqual(expect.arrayContaining(left));

    await trail.digest();
    expect(await db.rows(all)).toEqual(before);
  });

  test("includes every column", async () => {
    const [row] = await db.rows(`
      select (select array_agg(table_name || '.' || column_name order by table_name, ordinal_position)
                from information_schema.columns
               where table_schema = 'public' and table_name = any ('{${DIGESTED.join()}}'))
           = (select array_agg(t || '.' || c.name order by t, c.place)
                from unnest('{${DIGESTED.join()}}'::text[]) as t
               cross join public.audit_digest_columns(t, 1) with ordinality as c (name, type, place)) as same`);
    expect(row).toEqual({ same: true });
  });
});

describe("an audit digest", () => {
  const read = `select row_count::int as rows, encode(rows_digest, 'hex') as digest
                  from public.audit_day_digest('audit_events', '${dayOf(3)}', 1)`;

  test("does not depend on the session's settings", async () => {
    const before = await db.rows(read);
    expect(before).toMatchObject([{ rows: 4 }]);
    await db.query(`
      set timezone = 'Pacific/Kiritimati'; set datestyle = 'SQL, DMY'; set intervalstyle = 'iso_8601';
      set bytea_output = 'escape'; set extra_float_digits = -5; set search_path = public`);
    const other = await db.rows(read);
    await db.query("reset all");
    expect(other).toEqual(before);
  });

  test("does not change when its chunk is compressed", async () => {
    const before = await db.rows(read);
    await db.query("begin");
    await db.query(
      "select public.compress_chunk(c) from public.show_chunks('public.audit_events') as c",
    );
    const compressed = await db.rows(read);
    await db.query("rollback");
    expect(compressed).toEqual(before);
  });

  test("can be recomputed outside the database", async () => {
    const rows = await db.rows(`
      select date_bin('1 minute', time, '2000-01-01')::text as minute,
             json_build_array(time, evaluation_id, policy_name, policy_version, user_id, action, resource, decision,
                              cache_hit, duration_ms)::text as row
        from public.policy_evaluations
       where time >= '${dayOf(3)}Z' and time < '${dayOf(2)}Z'
       order by time, evaluation_id`);
    const minutes = new Map<string, Buffer[]>();
    for (const { minute, row } of rows) {
      const of = minutes.get(String(minute)) ?? [];
      minutes.set(String(minute), [...of, sha256(Buffer.from(String(row), "utf8"))]);
    }
    const day = sha256(...[...minutes.values()].map((digests) => sha256(...digests)));
    expect(minutes.size).toBe(200);
    expect(
      await db.rows(`select encode(rows_digest, 'hex') as digest from public.audit_digests
                      where hypertable = 'policy_evaluations' and day = '${dayOf(3)}'`),
    ).toEqual([{ digest: day.toString("hex") }]);
  });
});
