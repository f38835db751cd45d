/** The table of backups, dumps and restore drills, and the metrics that are read from it. */
import type { Client } from "pg";
import { metricQueries } from "../../components/objectives/plan/metric-queries";
import { readMetrics } from "../../components/objectives/read-metrics";
import { projectRoot } from "../../components/files/project-root";
import { readQueries } from "../../components/queries/query-folder";
import { migratedSark, type TestServer } from "../../scratch/migrated";
import { CHECK_VIOLATION, DENIED, sqlStateOf } from "../support/expect-sql";
import { migratedAudit } from "../support/migrated-audit";
import type { TestTimescale } from "../support/timescale-thread";

jest.setTimeout(120_000);

const INSERT = `insert into public.backup_runs (kind, started_at, succeeded) values ('dump', now(), true)`;

describe("backup_runs of sark", () => {
  let server: TestServer;
  let maintain: Client;
  beforeAll(async () => {
    server = await migratedSark();
    maintain = await server.connect("sark_maintain");
  });
  afterAll(() => server.stop());

  test.each(["sark_app_a", "sark_readonly_a"])("is closed to %s", async (user) => {
    const client = await server.connect(user);
    expect(await sqlStateOf(client.query("select from public.backup_runs"))).toBe(DENIED);
    expect(await sqlStateOf(client.query(INSERT))).toBe(DENIED);
  });

  test("can be read, but not written, by the monitoring login", async () => {
    const monitor = await server.connect("sark_monitor");
    expect(await sqlStateOf(monitor.query("select from public.backup_runs"))).toBe("ok");
    expect(await sqlStateOf(monitor.query(INSERT))).toBe(DENIED);
  });

  test("refuses an unknown kind, an end before the start and a negative size", async () => {
    for (const values of [
      "'guess', now(), now(), 1",
      "'dump', now(), now() - interval '1 second', 1",
      "'dump', now(), now(), -1",
    ]) {
      const insert = `insert into public.backup_runs (kind, started_at, finished_at, bytes, succeeded) values (${values}, true)`;
      expect(await sqlStateOf(maintain.query(insert))).toBe(CHECK_VIOLATION);
    }
  });

  test("gives age, result and duration of the newest run of each kind", async () => {
    await maintain.query(`
      insert into public.backup_runs (kind, started_at, finished_at, succeeded)
      values ('dump', now() - interval '3 hours', now() - interval '2 hours', true),
             ('dump', now() - interval '90 minutes', now() - interval '1 hour', false),
             ('restore drill', now() - interval '2 days', now() - interval '1 day', false)`);
    const monitor = await server.connect("sark_monitor");
    const queries = metricQueries(
      readQueries(projectRoot()).filter(({ name }) => name === "backup-metrics"),
      { database: "sark", role: "primary", majorVersion: 18, extensions: [] },
    );
    const samples = await readMetrics(monitor, queries);
    const of = (metric: string, kind: string) =>
      samples.series(metric).find(({ labels }) => labels["kind"] === kind)?.value;
    expect(of("sark_backup_success_age_seconds", "dump")).toBeCloseTo(7200, -2);
    expect(of("sark_backup_failing", "dump")).toBe(1);
    expect(of("sark_backup_run_seconds", "dump")).toBe(1800);
    // It never succeeded: counted from the start of the first run.
    expect(of("sark_backup_success_age_seconds", "restore drill")).toBeCloseTo(2 * 86_400, -2);
    // It never ran: counted from the server's start.
    expect(of("sark_backup_failing", "base backup")).toBe(0);
    expect(of("sark_backup_success_age_seconds", "base backup")).toBeGreaterThan(0);

    await maintain.query(INSERT);
    const later = await readMetrics(monitor, queries);
    const dump = later
      .series("sark_backup_failing")
      .find(({ labels }) => labels["kind"] === "dump");
    expect(dump?.value).toBe(0);
  });
});

describe("backup_runs of sark_audit", () => {
  let database: TestTimescale;
  beforeAll(async () => {
    database = await migratedAudit();
  });
  afterAll(() => database.close());

  const as = async (role: string, sql: string) => {
    await database.query(`begin; set local role ${role}`);
    try {
      return await sqlStateOf(database.query(sql));
    } finally {
      await database.query("rollback");
    }
  };

  test("can be appended to by the maintenance login, read by monitoring, and is closed to the application", async () => {
    expect(await as("sark_audit_maintain", INSERT)).toBe("ok");
    for (const sql of [
      "delete from public.backup_runs",
      "update public.backup_runs set bytes = 1",
    ]) {
      expect(await as("sark_audit_maintain", sql)).toBe(DENIED);
    }
    expect(await as("sark_audit_monitor", "select from public.backup_runs")).toBe("ok");
    for (const role of ["sark_audit_app_a", "sark_audit_readonly_a"]) {
      expect(await as(role, "select from public.backup_runs")).toBe(DENIED);
      expect(await as(role, INSERT)).toBe(DENIED);
    }
  });
});
