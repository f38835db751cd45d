import {
  HYPERTABLE_FACTS,
  HYPERTABLES as TABLES,
} from "../../components/hypertables/plan/hypertable-facts";
import { postgresInterval } from "../../components/hypertables/plan/intervals";
import { DENIED, sqlStateOf, RESTRICT_VIOLATION } from "../support/expect-sql";
import { insertInto } from "../support/hypertable-rows";
import { migratedAudit } from "../support/migrated-audit";
import type { TestTimescale } from "../support/timescale-thread";

let db: TestTimescale;

beforeAll(async () => {
  db = await migratedAudit();
}, 120_000);

afterAll(() => db.close());

/** Outcome of a statement as a role; the server has one session, so the role is reset afterwards. */
async function as(role: string, statement: string): Promise<string> {
  await db.query(`set role sark_audit_${role}`);
  try {
    return await sqlStateOf(db.query(statement));
  } finally {
    await db.query("reset role");
  }
}

const VIEWS = ["hourly_audit_summary", "hourly_policy_stats", "daily_policy_stats"];

describe("privileges on the audit database", () => {
  test.each(TABLES)("let the writer insert into %s and do nothing else", async (table) => {
    const insert = insertInto(table);
    expect(await as("app_a", insert)).toBe("ok");
    for (const statement of [
      `${insert} returning *`,
      insertInto(table, "'1999-12-31'"),
      `select count(*) from public.${table}`,
      `select time from public.${table}`,
      `update public.${table} set time = now()`,
      `delete from public.${table}`,
      `truncate public.${table}`,
      `alter table public.${table} disable trigger all`,
      `drop table public.${table}`,
      `select public.drop_chunks('public.${table}', older_than => interval '1 second')`,
      `select public.remove_retention_policy('public.${table}')`,
    ]) {
      // TimescaleDB's own functions report "must be owner" with the same SQLSTATE.
      expect([statement, await as("app_a", statement)]).toEqual([statement, DENIED]);
    }
  });

  test("keep the writer out of the chunks", async () => {
    const chunks = await db.rows(
      "select format('%s', c) as chunk from public.show_chunks('public.audit_events') as c",
    );
    expect(chunks.length).toBeGreaterThan(0);
    for (const { chunk } of chunks) {
      expect(await as("app_a", `select count(*) from ${String(chunk)}`)).toBe(DENIED);
      expect(await as("app_a", `delete from ${String(chunk)}`)).toBe(DENIED);
      expect(
        await as(
          "app_a",
          `insert into ${String(chunk)} (time, event_type) values ('1999-12-31', 'x')`,
        ),
      ).toBe(DENIED);
    }
  });

  test("on a chunk equal those of its hypertable, without column privileges", async () => {
    const entries = (acl: string): string =>
      `(select array_agg(x::text order by x::text) from unnest(${acl}) as x)`;
    const rows = await db.rows(`
      select c.inhrelid::regclass::text as chunk
        from pg_inherits as c
        join pg_class as own on own.oid = c.inhrelid join pg_class as table_of on table_of.oid = c.inhparent
       where c.inhparent = any ('{${TABLES.join()}}'::regclass[])
         and (own.relowner <> table_of.relowner or ${entries("own.relacl")} is distinct from ${entries("table_of.relacl")}
              or exists (select from pg_attribute as a where a.attrelid = own.oid and a.attacl is not null))`);
    expect(rows).toEqual([]);
    expect(
      (await db.rows("select from public.show_chunks('public.audit_events')")).length,
    ).toBeGreaterThan(0);
  });

  test("let the reader read tables and aggregates, and write nothing", async () => {
    for (const name of [...TABLES, ...VIEWS]) {
      expect([name, await as("readonly_a", `select count(*) from public.${name}`)]).toEqual([
        name,
        "ok",
      ]);
    }
    for (const table of TABLES) {
      expect(await as("readonly_a", insertInto(table))).toBe(DENIED);
      expect(await as("readonly_a", `delete from public.${table}`)).toBe(DENIED);
    }
  });

  test("keep the writer from reading aggregates, and writer and reader from creating objects", async () => {
    for (const view of VIEWS)
      expect(await as("app_a", `select count(*) from public.${view}`)).toBe(DENIED);
    for (const role of ["app_a", "readonly_a"]) {
      expect(await as(role, "create table public.mine (id integer)")).toBe(DENIED);
    }
  });

  test.each(TABLES)("keep even the owner from updating or deleting rows of %s", async (table) => {
    for (const statement of [
      `update public.${table} set time = now()`,
      `delete from public.${table}`,
      `truncate public.${table}`,
    ]) {
      expect([statement, await as("owner", statement)]).toEqual([statement, RESTRICT_VIOLATION]);
    }
  });

  test("give PUBLIC nothing on tables, aggregates and functions", async () => {
    expect(
      await db.rows(`
        select c.relname, a.privilege_type
          from pg_class as c cross join aclexplode(c.relacl) as a
         where pg_get_userbyid(c.relowner) = 'sark_audit_owner' and a.grantee = 0
        union all
        select p.proname, a.privilege_type
          from pg_proc as p cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
         where pg_get_userbyid(p.proowner) = 'sark_audit_owner' and a.grantee = 0`),
    ).toEqual([]);
  });

  test("do not let a long-running transaction set the time of a row: the server sets it", async () => {
    await db.query("begin; select pg_sleep(0.2)");
    await db.query(insertInto("audit_events"));
    const [row] = await db.rows(
      "select max(time) - now() >= interval '0.2 s' as later from public.audit_events",
    );
    await db.query("rollback");
    expect(row).toEqual({ later: true });
  });
});

describe("TimescaleDB policies of the audit database", () => {
  test("compress and drop the chunks of each hypertable at the ages of its facts, as its owner", async () => {
    expect(
      await db.rows(`
        select hypertable_name, proc_name, owner, coalesce(config ->> 'compress_after', config ->> 'drop_after') as after
          from timescaledb_information.jobs
         where hypertable_name = any ('{${TABLES.join()}}')
         order by 1, 2`),
    ).toEqual(
      TABLES.toSorted().flatMap((table) => {
        const { compressAfter, dropAfter } = HYPERTABLE_FACTS[table].migration;
        const of = { hypertable_name: table, owner: "sark_audit_owner" };
        return [
          { ...of, proc_name: "policy_compression", after: postgresInterval(compressAfter) },
          { ...of, proc_name: "policy_retention", after: postgresInterval(dropAfter) },
        ];
      }),
    );
  });

  test("refresh each aggregate beyond its allowed lateness, and keep it longer than its source", async () => {
    const rows = await db.rows(`
      select v.view_name,
             max((j.config ->> 'start_offset')::interval) >= interval '3 days' as reaches,
             max((j.config ->> 'drop_after')::interval) > interval '90 days' as outlives,
             v.materialized_only
        from timescaledb_information.continuous_aggregates as v
        join timescaledb_information.jobs as j
          on j.hypertable_name in (v.materialization_hypertable_name, v.view_name)
       group by v.view_name, v.materialized_only
       order by 1`);
    expect(rows).toEqual(
      [...VIEWS].sort().map((view_name) => ({
        view_name,
        reaches: true,
        outlives: true,
        materialized_only: false,
      })),
    );
  });
});

describe("chunks and aggregates of the audit database", () => {
  // Ten days with a night each day, so that old chunks are compressed and young ones are not.
  const DAYS = 10;

  beforeAll(async () => {
    await db.query(`
      insert into public.policy_evaluations (time, policy_name, decision, cache_hit, duration_ms)
      select date_trunc('day', now()) - interval '1 second' * (g * ${String((DAYS * 86400) / 5000)}),
             'policy-' || g % 7, g % 11 <> 0, g % 3 = 0, g % 50
        from generate_series(1, 5000) as g`);
    await db.query(`
      insert into public.audit_events (time, event_type, user_id, status)
      select date_trunc('day', now()) - interval '1 second' * (g * ${String((DAYS * 86400) / 5000)}),
             'type-' || g % 7, md5((g % 100)::text)::uuid, case when g % 9 = 0 then 'denied' else 'success' end
        from generate_series(1, 5000) as g`);
  }, 60_000);

  test.each([
    ["a user's events", "user_id = md5('7')::uuid", "audit_events_user_id_time_idx"],
    ["events of a type", "event_type = 'type-3'", "audit_events_event_type_time_idx"],
    ["denied events", "status = 'denied'", "audit_events_status_time_idx"],
    ["events by a detail", `details @> '{"reason": "x"}'`, "audit_events_details_idx"],
    [
      "events about a resource",
      "(resource_type, resource_id) = ('server', '7')",
      "audit_events_resource_time_idx",
    ],
  ])(
    "serve the latest of %s from an index of the chunk, until it is compressed",
    async (_name, where, index) => {
      await db.query("set enable_seqscan = off");
      const plan = await db.rows(`explain select * from public.audit_events where ${where}`);
      await db.query("reset enable_seqscan");
      expect(plan.map((row) => row["QUERY PLAN"]).join("\n")).toContain(index);
    },
  );

  const runJobs = async (procedure: string): Promise<void> => {
    const jobs = await db.rows(
      "select job_id from timescaledb_information.jobs where proc_name = $1 order by (config ->> 'mat_hypertable_id')::int, job_id",
      [procedure],
    );
    for (const { job_id } of jobs) await db.query(`call public.run_job(${String(job_id)})`);
  };

  // Not to the end: the rows of the current bucket would count as the complete bucket.
  const refreshAll = async (): Promise<void> => {
    for (const view of VIEWS) {
      await db.query(
        `call public.refresh_continuous_aggregate('public.${view}', null, date_trunc('day', now(), 'UTC'))`,
      );
    }
  };

  const TOTALS = (time: string): string => `
    select policy_name, sum(total_evaluations)::int as total, sum(allowed)::int as allowed, sum(denied)::int as denied,
           sum(cache_hits)::int as hits, sum(sum_duration_ms)::int as ms, max(max_duration_ms) as max
      from ${time} where policy_name like 'policy-%' group by 1 order by 1`;
  const RAW = `
    select policy_name, count(*)::int as total, (count(*) filter (where decision))::int as allowed,
           (count(*) filter (where not decision))::int as denied, (count(*) filter (where cache_hit))::int as hits,
           sum(duration_ms)::int as ms, max(duration_ms) as max
      from public.policy_evaluations where policy_name like 'policy-%' group by 1 order by 1`;

  test("sum decisions to hours and hours to days, before and after a refresh and with late rows", async () => {
    const raw = await db.rows(RAW);
    expect(raw).toHaveLength(7);
    // Refreshes once over all data, as after an import, up to a finished hour: see refreshAll.
    await refreshAll();
    expect(await db.rows(TOTALS("public.hourly_policy_stats"))).toEqual(raw);
    expect(await db.rows(TOTALS("public.daily_policy_stats"))).toEqual(raw);

    await db.query(`
      insert into public.policy_evaluations (time, policy_name, decision, duration_ms)
      values (now() - interval '70 hours', 'policy-1', false, 999), (now(), 'policy-2', true, 1)`);
    await runJobs("policy_refresh_continuous_aggregate");
    const late = await db.rows(RAW);
    expect(late).not.toEqual(raw);
    expect(await db.rows(TOTALS("public.hourly_policy_stats"))).toEqual(late);
    expect(await db.rows(TOTALS("public.daily_policy_stats"))).toEqual(late);
  }, 60_000);

  test("sum events to the audit summary", async () => {
    expect(
      await db.rows(`select event_type, status, sum(total_events)::int as n, sum(anonymous_events)::int as anonymous
                       from public.hourly_audit_summary group by 1, 2 order by 1, 2`),
    ).toEqual(
      await db.rows(`select event_type, status, count(*)::int as n, (count(*) filter (where user_id is null))::int as anonymous
                       from public.audit_events group by 1, 2 order by 1, 2`),
    );
  });

  test("are compressed only when older than a week", async () => {
    await runJobs("policy_compression");
    const [row] = await db.rows(`
      select bool_and(is_compressed = (range_end < now() - interval '7 days')) as right, count(*)::int > 10 as many
        from timescaledb_information.chunks where hypertable_name in ('audit_events', 'policy_evaluations')`);
    expect(row).toEqual({ right: true, many: true });
  }, 60_000);

  test("accept rows of the writer after compression, and return the same results", async () => {
    await db.query(
      "select public.compress_chunk(c, if_not_compressed => true) from public.show_chunks('public.audit_events') as c",
    );
    const count = async (): Promise<unknown> =>
      (await db.rows("select count(*)::int as n from public.audit_events"))[0]?.["n"];
    const before = Number(await count());
    expect(await as("app_a", insertInto("audit_events"))).toBe("ok");
    expect(await as("app_a", `${insertInto("audit_events")} returning *`)).toBe(DENIED);
    expect(await count()).toBe(before + 1);
  });

  test("are dropped by retention, and the aggregate keeps the sums of dropped chunks", async () => {
    const total = "select sum(total_evaluations)::int as n from public.daily_policy_stats";
    await db.query(`
      insert into public.policy_evaluations (time, policy_name, decision, duration_ms)
      values (now() - interval '40 days', 'old', true, 1)`);
    await refreshAll();
    const before = await db.rows(total);
    await runJobs("policy_retention");
    await runJobs("policy_refresh_continuous_aggregate");
    expect(
      await db.rows("select from public.policy_evaluations where policy_name = 'old'"),
    ).toEqual([]);
    expect(await db.rows(total)).toEqual(before);
  }, 60_000);
});
