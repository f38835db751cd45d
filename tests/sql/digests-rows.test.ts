/** The check of the audit digests after somebody changed audit rows. */
import {
  AS_OWNER,
  UNLOCK_DIGESTS,
  dayOf,
  noon,
  problemsIn,
  DigestedTrail,
  type Finding,
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

describe("the check of the audit digests", () => {
  const day = (status: string, now: number): Partial<Finding> => ({
    status,
    hypertable: "audit_events",
    day: dayOf(4),
    then: 4,
    now,
  });
  const THAT_DAY = `time::date = '${dayOf(4)}'`;

  test.each([
    ["event_type", "'x'"],
    ["time", "time + interval '1 microsecond'"],
    ["user_id", "null"],
    ["user_id", "md5('other')::uuid"],
    ["status", "status || ' '"],
    ["ip_address", "'2001:db8::2'"],
    ["details", `'{"b": 1.5, "a": "ä"}'`],
    ["resource_id", "''"],
    ["action", "'null'"],
  ])("reports a changed %s", async (column, value) => {
    const update = `update public.audit_events set ${column} = ${value} where event_id = (
      select event_id from public.audit_events where ${THAT_DAY} and user_id is not null order by time limit 1)`;
    expect(await trail.findingsAfter(`${AS_OWNER}; ${update}`)).toMatchObject([
      day("rows changed", 4),
    ]);
  });

  test("reports values swapped between rows", async () => {
    expect(
      await trail.findingsAfter(`${AS_OWNER};
        update public.audit_events set resource_type = 'a', resource_id = null where ${THAT_DAY}`),
    ).toMatchObject([day("rows changed", 4)]);
    const swapped = await trail.findingsAfter(`${AS_OWNER};
      update public.audit_events as a set status = b.event_type, event_type = b.status
        from public.audit_events as b where (a.time, a.event_id) = (b.time, b.event_id) and a.${THAT_DAY}`);
    expect(swapped).toMatchObject([day("rows changed", 4)]);
  });

  test("reports a deleted row and a back-dated row", async () => {
    const first = `event_id = (select event_id from public.audit_events where ${THAT_DAY} order by time limit 1)`;
    expect(
      await trail.findingsAfter(`${AS_OWNER}; delete from public.audit_events where ${first}`),
    ).toMatchObject([day("rows missing", 3)]);
    expect(
      await trail.findingsAfter(
        `${AS_OWNER}; insert into public.audit_events (time, event_type) values (${noon(4)}, 'x')`,
      ),
    ).toMatchObject([day("rows added", 5)]);
    // Neither helps the other.
    expect(
      await trail.findingsAfter(`${AS_OWNER}; delete from public.audit_events where ${first};
                   insert into public.audit_events (time, event_type) values (${noon(4)}, 'x')`),
    ).toMatchObject([day("rows changed", 4)]);
  });

  test("reports a dropped or emptied chunk, also when dropped by TimescaleDB's own function", async () => {
    const drop = `select public.drop_chunks('public.audit_events', older_than => ${noon(4)} + interval '1 day',
                                            newer_than => ${noon(4)} - interval '1 day')`;
    expect(await trail.findingsAfter(`set local role sark_audit_owner; ${drop}`)).toMatchObject([
      day("rows missing", 0),
    ]);
    const [chunk] = await db.rows(
      `select tableoid::regclass::text as name from public.audit_events where ${THAT_DAY} limit 1`,
    );
    expect(
      await trail.findingsAfter(
        `set local role sark_audit_owner; truncate ${String(chunk?.["name"])}`,
      ),
    ).toMatchObject([day("rows missing", 0)]);
  });

  test("reports a direct write to the internal table of a compressed chunk", async () => {
    await db.query("begin");
    await db.query(`select public.compress_chunk(tableoid::regclass)
                      from (select distinct tableoid from public.audit_events where ${THAT_DAY}) as c`);
    const [inner] = await db.rows(`
      select format('%I.%I', i.schema_name, i.table_name) as name
        from _timescaledb_catalog.chunk as c join _timescaledb_catalog.chunk as i on i.id = c.compressed_chunk_id
       where format('%I.%I', c.schema_name, c.table_name)::regclass
             = (select tableoid from public.audit_events where ${THAT_DAY} limit 1)`);
    expect(problemsIn(await trail.check())).toEqual([]);
    await db.query(`set local role sark_audit_owner; delete from ${String(inner?.["name"])}`);
    await db.query("reset role");
    const findings = problemsIn(await trail.check());
    await db.query("rollback");
    expect(findings).toMatchObject([day("rows missing", 0)]);
  });

  test("reports rows dated before the first digest", async () => {
    expect(
      await trail.findingsAfter(
        `insert into public.siem_events (time, event_type, destination) values (${noon(9)}, 'x', 'y')`,
      ),
    ).toMatchObject([{ status: "older than the chain", hypertable: "siem_events", day: dayOf(9) }]);
  });

  test("skips rows of days outside the requested range, but still checks their digests", async () => {
    const far = `update public.audit_events set event_type = 'x' where time::date = '${dayOf(8)}'`;
    expect(await trail.findingsAfter(`${AS_OWNER}; ${far}`, { within: "5 days" })).toEqual([]);
    expect(await trail.findingsAfter(`${AS_OWNER}; ${far}`, { within: "9 days" })).toHaveLength(1);
    expect(
      await trail.findingsAfter(
        `${UNLOCK_DIGESTS}; update public.audit_digests set row_count = 5 where day = '${dayOf(8)}' and hypertable = 'audit_events'`,
        { within: "5 days" },
      ),
    ).toMatchObject([{ status: "chain broken", day: dayOf(8) }]);
  });
});

describe("retention of audit rows", () => {
  const retain = async (): Promise<void> => {
    const [job] = await db.rows(
      `select job_id from timescaledb_information.jobs
        where proc_name = 'policy_retention' and hypertable_name = 'audit_events'`,
    );
    await db.query(`call public.run_job(${String(job?.["job_id"])})`);
  };
  const jobSetTo = (age: string): string => `
    select public.alter_job(job_id, config => jsonb_set(config, '{drop_after}', '"${age}"'))
      from timescaledb_information.jobs where proc_name = 'policy_retention' and hypertable_name = 'audit_events'`;

  test("raises no finding when it follows the setting of the day of the digest", async () => {
    await db.query("begin");
    await retain();
    const findings = await trail.check();
    await db.query("rollback");
    expect(problemsIn(findings)).toEqual([]);
    expect(findings.filter(({ status }) => status === "expired")).toMatchObject([
      { day: dayOf(95), then: 1, now: 0 },
    ]);
  });

  test("is reported apart when it was shortened, and counts as a deletion once it is set back", async () => {
    await db.query("begin");
    await db.query(`set local role sark_audit_owner; ${jobSetTo("6 days")}`);
    await retain();
    await db.query("reset role");
    const short = problemsIn(await trail.check());
    await db.query(jobSetTo("90 days"));
    const back = problemsIn(await trail.check());
    await db.query("rollback");
    expect(short.length).toBeGreaterThan(3);
    expect(new Set(short.map(({ status }) => status))).toEqual(new Set(["expired early"]));
    expect(back.map(({ status, day }) => [status, day])).toEqual(
      short.map(({ day }) => ["rows missing", day]),
    );
  });
});
