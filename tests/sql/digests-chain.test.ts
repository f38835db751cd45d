/**
 * The check of the audit digests after somebody changed digests, and the proof that the owner of the audit trail cannot
 * change them.
 */
import {
  AS_OWNER,
  UNLOCK_DIGESTS,
  dayOf,
  DIGESTED,
  problemsIn,
  DigestedTrail,
} from "../support/digested-trail";
import { DENIED, sqlStateOf } from "../support/expect-sql";
import type { TestTimescale } from "../support/timescale-thread";

jest.setTimeout(120_000);

let trail: DigestedTrail;
let db: TestTimescale;

beforeAll(async () => {
  trail = await DigestedTrail.start();
  db = trail.db;
});

afterAll(() => trail.close());

const WRONG_OBJECT = "42809";

describe("the check of the digest chain", () => {
  const OF = "where hypertable = 'audit_events' and day";

  test.each([
    ["row_count", "4 + 1"],
    ["rows_digest", "sha256('x')"],
    ["version", "2"],
    ["kept", "'1 day'"],
    ["digested_at", "digested_at - interval '1 second'"],
    ["head", "sha256('x')"],
    ["previous_head", "sha256('x')"],
    ["hypertable", "'siem_events'"],
  ])("reports an edited %s of a digest", async (column, value) => {
    const findings = await trail.findingsAfter(
      `${UNLOCK_DIGESTS}; update public.audit_digests set ${column} = ${value} ${OF} = '${dayOf(6)}'`,
    );
    expect(findings.filter(({ status }) => status === "chain broken").length).toBeGreaterThan(0);
  });

  test.each([
    ["one in the middle", `${OF} = '${dayOf(6)}'`, dayOf(5)],
    ["the first ones", `${OF} < '${dayOf(6)}'`, dayOf(6)],
  ])("reports the removal of %s", async (_which, where, broken) => {
    const findings = await trail.findingsAfter(
      `${UNLOCK_DIGESTS}; delete from public.audit_digests ${where}`,
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ status: "chain broken", day: broken, hypertable: "audit_events" }),
    );
  });

  test("reports a removed chain, or removed digests at its end", async () => {
    const missing = (
      await trail.findingsAfter(`${UNLOCK_DIGESTS}; truncate public.audit_digests`)
    ).filter(({ status }) => status === "not digested");
    expect(new Set(missing.map(({ hypertable }) => hypertable))).toEqual(new Set(DIGESTED));
    const last = await trail.findingsAfter(
      `${UNLOCK_DIGESTS}; delete from public.audit_digests ${OF} >= '${dayOf(4)}'`,
    );
    expect(last.map(({ status, day }) => [status, day])).toContainEqual(["not digested", dayOf(3)]);
    expect(new Set(last.map(({ status }) => status))).toEqual(new Set(["not digested"]));
  });

  test("reports swapped digests of two days", async () => {
    const findings = await trail.findingsAfter(`${UNLOCK_DIGESTS};
      update public.audit_digests as a set rows_digest = b.rows_digest from public.audit_digests as b
       where a.hypertable = 'audit_events' and b.hypertable = 'audit_events'
         and (a.day, b.day) in (('${dayOf(6)}', '${dayOf(7)}'), ('${dayOf(7)}', '${dayOf(6)}'))`);
    expect(findings.map(({ status, day }) => [status, day])).toEqual([
      ["chain broken", dayOf(6)],
      ["chain broken", dayOf(7)],
    ]);
  });

  /** Recomputes every link of a table's chain from its first day on. */
  const RELINK = `do $$ declare link public.audit_digests; head bytea := decode(repeat('00', 32), 'hex'); begin
    for link in select * from public.audit_digests where hypertable = 'audit_events' order by day loop
      link.previous_head := head;
      head := public.audit_digest_head(link);
      update public.audit_digests set previous_head = link.previous_head, head = public.audit_digest_head(link)
       where (hypertable, day) = (link.hypertable, link.day);
    end loop;
  end $$`;

  test("reports a missing day, even if every later link is recomputed", async () => {
    expect(await trail.findingsAfter(`${UNLOCK_DIGESTS}; ${RELINK}`)).toEqual([]);
    const left = `delete from public.audit_digests ${OF} = '${dayOf(6)}'`;
    expect(
      (await trail.findingsAfter(`${UNLOCK_DIGESTS}; ${left}; ${RELINK}`)).map(
        ({ status, day }) => [status, day],
      ),
    ).toEqual([["chain broken", dayOf(5)]]);
  });

  test("reports a change in one place, since each head depends on every day before", async () => {
    const findings = await trail.findingsAfter(`${AS_OWNER};
      update public.audit_events set event_type = 'x' where time::date = '${dayOf(6)}';
      reset role; ${UNLOCK_DIGESTS};
      update public.audit_digests as d set rows_digest = (public.audit_day_digest(d.hypertable, d.day, 1)).rows_digest ${OF} = '${dayOf(6)}';
      update public.audit_digests as d set head = public.audit_digest_head(d) ${OF} = '${dayOf(6)}';
      update public.audit_digests set previous_head = (select head from public.audit_digests ${OF} = '${dayOf(6)}')
       ${OF} = '${dayOf(5)}'`);
    expect(findings.map(({ status, day }) => [status, day])).toEqual([["chain broken", dayOf(5)]]);
  });

  test("reports a chain recomputed from changed rows, against a head kept elsewhere", async () => {
    const [kept] = await db.rows(
      `select encode(head, 'hex') as head from public.audit_digests ${OF} = '${dayOf(3)}'`,
    );
    const head = String(kept?.["head"]);
    expect(problemsIn(await trail.check({ kept_head: head }))).toEqual([]);

    await db.query("begin");
    await db.query(
      `${AS_OWNER}; update public.audit_events set event_type = 'x' where time::date = '${dayOf(4)}'`,
    );
    await db.query(`reset role; ${UNLOCK_DIGESTS}; truncate public.audit_digests`);
    await trail.digest();
    const without = problemsIn(await trail.check());
    const against = problemsIn(await trail.check({ kept_head: head }));
    await db.query("rollback");
    expect(without).toEqual([]);
    expect(against).toMatchObject([
      { status: "head not in the chain", hypertable: null, day: null },
    ]);
  });
});

describe("the owner of the audit trail", () => {
  test.each([
    "insert into public.audit_digests select * from public.audit_digests",
    "update public.audit_digests set row_count = 0",
    "delete from public.audit_digests",
    "truncate public.audit_digests",
    "select * from public.audit_digests",
    "alter table public.audit_digests disable trigger all",
    "drop table public.audit_digests",
    "create trigger mine before insert on public.audit_digests for each row execute function public.refuse_foreign_time()",
    "create or replace function public.audit_digest_head(entry public.audit_digests) returns bytea return '\\x00'::bytea",
    "alter procedure public.extend_audit_digests(integer, jsonb) rename to gone",
    "alter function public.audit_day_digest(text, date, integer) set search_path = public",
    "call public.extend_audit_digests(0, null)",
    "select public.delete_job(job_id) from timescaledb_information.jobs where proc_name = 'extend_audit_digests'",
    "select public.alter_job(job_id, scheduled => false) from timescaledb_information.jobs where proc_name = 'extend_audit_digests'",
    "grant sark_audit_witness to sark_audit_owner",
  ])("is denied: %s", async (statement) => {
    await db.query("set role sark_audit_owner");
    const result = await sqlStateOf(db.query(statement));
    await db.query("reset role");
    expect(result).toBe(DENIED);
  });

  test("is no member of the witness nor the reverse, and no login inherits either role", async () => {
    expect(
      await db.rows(`
        select member::regrole::text as member, roleid::regrole::text as role, inherit_option as inherits
          from pg_auth_members
         where roleid in ('sark_audit_owner'::regrole, 'sark_audit_witness'::regrole)
         order by roleid::regrole::text`),
    ).toEqual([
      { member: "sark_audit_migrate", role: "sark_audit_owner", inherits: false },
      { member: "sark_audit_migrate", role: "sark_audit_witness", inherits: false },
    ]);
  });

  /** The trap records the role that runs it. */
  const TRAP = `
    set local role sark_audit_owner;
    create table public.caught (who text);
    grant insert on public.caught to public;
    create function public.trap(value jsonb) returns jsonb language plpgsql as
      'begin insert into public.caught values (current_user); return value; end';
    grant execute on function public.trap(jsonb) to public;`;
  const COLUMNS =
    "time, event_id, event_type, user_id, resource_type, resource_id, action, status, ip_address";

  test.each([
    [
      "a view in the place of the table",
      `alter table public.audit_events rename to hidden;
       create view public.audit_events as select ${COLUMNS}, public.trap(details) as details from public.hidden;
       grant select on public.audit_events to sark_audit_witness;`,
      "select details from public.audit_events",
    ],
    [
      "a table with other types in the place of the table",
      `alter table public.audit_events rename to hidden;
       create type public.shown as enum ('x');
       create table public.audit_events as select ${COLUMNS}, 'x'::public.shown as details from public.hidden;
       create function public.show(public.shown) returns json language plpgsql as
         'begin perform public.trap(''{}''); return ''{}''; end';
       grant execute on function public.show(public.shown) to public;
       create cast (public.shown as json) with function public.show(public.shown);
       grant select on public.audit_events to sark_audit_witness;`,
      "select json_build_array(details) from public.audit_events",
    ],
  ])("cannot make the digest job run its code by %s", async (_how, plant, positive) => {
    for (const [run, caught, code] of [
      // The trap works on a reader without protection against it.
      [`set local role sark_audit_witness; ${positive}; reset role`, ["sark_audit_witness"], "ok"],
      ["select public.audit_day_digest('audit_events', current_date - 3, 1)", [], WRONG_OBJECT],
    ] as const) {
      await db.query("begin");
      await db.query(`${TRAP} ${plant} reset role; savepoint planted`);
      const result = await sqlStateOf(db.query(run));
      if (result !== "ok") await db.query("rollback to planted");
      const rows = await db.rows("select distinct who from public.caught");
      await db.query("rollback");
      expect([result, rows.map(({ who }) => who)]).toEqual([code, caught]);
    }
  });

  test("cannot hide rows from the digest job by a row-level security policy", async () => {
    await db.query("set role sark_audit_owner");
    const result = await sqlStateOf(
      db.query("alter table public.audit_events enable row level security"),
    );
    await db.query("reset role");
    // TimescaleDB has no row-level security policies on a hypertable with a column store.
    expect(result).toBe("0A000");
  });
});
