/** The audit database with a few days of rows and their digests, and the query that verifies them. */
import { HYPERTABLE_FACTS, HYPERTABLES } from "../../components/hypertables/plan/hypertable-facts";
import { bindQuery, valuesFor } from "../../components/queries/plan/bind-query";
import { projectRoot } from "../../components/files/project-root";
import { readQueries } from "../../components/queries/query-folder";
import { dayIn, midnight } from "./clock";
import { migratedAudit } from "./migrated-audit";
import type { TestTimescale } from "./timescale-thread";

export const DIGESTED = HYPERTABLES.filter((table) => HYPERTABLE_FACTS[table].rows.digested);

/** A result line of `verify-audit-digests`. */
export interface Finding {
  readonly status: string;
  readonly hypertable: string | null;
  readonly day: string | null;
  readonly then: number | null;
  readonly now: number | null;
}

/** Noon (UTC) of the day `ago` days before now, as SQL. */
export function noon(ago: number): string {
  return `(date_trunc('day', now(), 'UTC') - interval '${String(ago)} days' + interval '12 hours')`;
}

/** The day (UTC) `ago` days before now, as `2026-01-31`. */
export function dayOf(ago: number): string {
  return dayIn(midnight(ago));
}

/** The findings that report a problem. */
export function problemsIn(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ status }) => !["intact", "expired", "not read"].includes(status));
}

/** Acts as the owner, who has removed the triggers: TimescaleDB does not let it disable them. */
export const AS_OWNER = `set local role sark_audit_owner;
  drop trigger audit_events_append_only on public.audit_events;
  drop trigger audit_events_append_only_rows on public.audit_events;
  drop trigger audit_events_server_time on public.audit_events`;

/** Lets the superuser write to the chain of digests. */
export const UNLOCK_DIGESTS = "alter table public.audit_digests disable trigger user";

export class DigestedTrail {
  private constructor(readonly db: TestTimescale) {}

  /**
   * Starts a trail with digests of all its rows: audit events of ten days, four a day, and of one day 95 days ago;
   * decisions of one day; one delivery.
   */
  static async start(): Promise<DigestedTrail> {
    const trail = new DigestedTrail(await migratedAudit());
    await trail.db.query(`
      insert into public.audit_events (time, event_id, event_type, user_id, status, ip_address, details)
      select ${noon(0)} - interval '1 day' * (2 + n / 4) + interval '1 second' * (n % 4), md5(n::text)::uuid,
             'type ' || n % 3, case when n % 2 = 0 then md5('user')::uuid end, 'success', '2001:db8::1',
             '{"b": 1.50, "a": "ä"}'
        from generate_series(0, 39) as n;
      insert into public.audit_events (time, event_type) values (${noon(95)}, 'old');
      insert into public.policy_evaluations (time, policy_name, decision, duration_ms)
      select ${noon(3)} + interval '1 minute' * n, 'read', n % 3 > 0, n from generate_series(1, 200) as n;
      insert into public.siem_events (time, event_type, destination, payload)
      values (${noon(2)}, 'login', 'splunk', '{"n": 1}')`);
    await trail.digest();
    return trail;
  }

  /** Runs the daily job. */
  async digest(): Promise<void> {
    await this.runJob("proc_name = 'extend_audit_digests'");
  }

  async runJob(which: string): Promise<void> {
    const [job] = await this.db.rows(
      `select job_id from timescaledb_information.jobs where ${which}`,
    );
    await this.db.query(`call public.run_job(${String(job?.["job_id"])})`);
  }

  /** Runs the verification as its own login. It reads all days unless told otherwise. */
  async check(params: Readonly<Record<string, string>> = {}): Promise<readonly Finding[]> {
    const verify = readQueries(projectRoot()).find(({ name }) => name === "verify-audit-digests");
    if (verify === undefined) throw new Error("there is no query verify-audit-digests");
    const bound = await bindQuery(verify);
    const values = valuesFor(verify, bound, { within: "200 days", ...params });
    await this.db.query("set role sark_audit_readonly_a; set search_path = pg_catalog, pg_temp");
    const rows = await this.db.rows(
      `select a.status, a.hypertable, a.day::text, a.rows_then::int as then, a.rows_now::int as now
         from (${bound.text}) as a`,
      values,
    );
    await this.db.query("reset role; reset search_path");
    return rows as unknown as readonly Finding[];
  }

  /** Tampers within a transaction that begins as the superuser. @returns the problems that the check then reports */
  async findingsAfter(
    tampering: string,
    params: Readonly<Record<string, string>> = {},
  ): Promise<readonly Finding[]> {
    await this.db.query("begin");
    try {
      await this.db.query(tampering);
      await this.db.query("reset role");
      return problemsIn(await this.check(params));
    } finally {
      await this.db.query("rollback");
    }
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}
