import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  BLOAT,
  MAINTENANCE,
  jobSessions,
} from "../../../../components/maintenance/plan/maintenance-plan";
import { describeServer } from "../../../../components/homes/plan/describe-server";
import { type DatabaseName, rolePlan } from "../../../../components/roles/plan/role-plan";
import type { Settings } from "../../../support/parse-settings";
import { SQL_FOLDER } from "../../../../scratch/migrated";
import { clusterStackOf } from "../../../support/built-cluster";
import { kubernetesStack } from "../../../support/registered";

const names = (settings: Settings, database: DatabaseName) =>
  clusterStackOf(settings)
    .served.filter((each) => each.database === database)
    .flatMap(({ jobs }) => jobs.map(({ name }) => name));

describe("every maintenance job", () => {
  it.each(MAINTENANCE.map((job) => [job.name, job] as const))("can be run: %s", (_, job) => {
    expect(job.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(job.schedule).toMatch(/^(\*\/\d+|\d+-\d+\/\d+|\d+) (\*|\d+) \* \* (\*|[0-6])$/);
    expect(job.why).toMatch(/^[A-Z].*\.$/);
    if (!("file" in job.work)) return;
    expect(existsSync(join(SQL_FOLDER, "maintenance", job.work.file))).toBe(true);
    // psql takes the arguments as they are: nothing in them needs quoting.
    for (const [name, value] of Object.entries(job.work.variables)) {
      expect(`${name}=${value}`).toMatch(/^[a-z_]+=[a-z0-9_.,]+$/);
    }
  });

  it("has a unique name in its database", () => {
    const all = MAINTENANCE.map(({ name, database }) => `${database} ${name}`);
    expect(new Set(all).size).toBe(all.length);
  });

  it("waits for locks less than its deadline, and ends by itself before the deadline", () => {
    for (const { lockWait, deadline, work } of MAINTENANCE) {
      expect(lockWait).toBeLessThan(deadline);
      const seconds = "file" in work ? work.variables["seconds"] : undefined;
      expect(Number(seconds ?? 0)).toBeLessThanOrEqual(deadline - 60);
    }
  });

  it("ends before its next start", () => {
    for (const { schedule, deadline } of MAINTENANCE) {
      const every = Number(/^(?:\*|\d+-\d+)\/(\d+) \*/.exec(schedule)?.[1] ?? 24 * 60);
      expect(deadline).toBeLessThan(every * 60);
    }
  });
});

it("reindex job runs apart from the dump, whose snapshot it would wait for", () => {
  const hours = (name: string) => {
    const job = MAINTENANCE.find((each) => each.name === name);
    const start = Number(job?.schedule.split(" ")[1]);
    return [start, start + Number(job?.deadline) / 3600] as const;
  };
  const [dumpStart, dumpEnd] = hours("dump");
  const [start, end] = hours("reindex");
  expect(dumpEnd - 24).toBeLessThanOrEqual(start);
  expect(end).toBeLessThanOrEqual(dumpStart);
});

it("reindex threshold is above the bloat of random keys, for which a rebuild would not last", () => {
  const settled = Math.LN2 / 0.9;
  expect(BLOAT.percent / 100).toBeGreaterThan(1 - settled);
});

describe("maintenance jobs of a database", () => {
  it("are separate for sark and sark_audit", () => {
    expect(names(kubernetesStack(), "sark")).toEqual([
      "expired-sessions",
      "idle-rate-limits",
      "vacuum",
      "reindex",
      "dump",
      "restore-drill",
    ]);
    expect(names(kubernetesStack(), "sark_audit")).toEqual(["analyze", "restore-drill"]);
  });

  it("include no dump and no drill without a bucket", () => {
    const without = names(kubernetesStack({ backups: {} }), "sark");
    expect(without).toContain("reindex");
    expect(without.filter((name) => ["dump", "restore-drill"].includes(name))).toEqual([]);
  });

  it("are empty when the settings disable them or the server runs elsewhere", () => {
    const off = kubernetesStack({ maintenance: { enabled: false } });
    expect([names(off, "sark"), names(off, "sark_audit")]).toEqual([[], []]);
    const local = kubernetesStack({ sark: { home: "local" }, pool: { enabled: false } });
    expect([names(local, "sark"), names(local, "sark_audit")]).toEqual([
      [],
      ["analyze", "restore-drill"],
    ]);
  });

  it("never rebuild an index of a hypertable, which TimescaleDB rejects", () => {
    const files = MAINTENANCE.filter(({ database }) => database === "sark_audit").map(({ work }) =>
      "file" in work ? work.file : work.kind,
    );
    expect(files).toEqual(["analyze-hypertables.sql", "restore drill"]);
  });
});

describe("maintenance sessions", () => {
  it("are one per job, another for the snapshot of a dump, and none in other homes", () => {
    const count = (stack: ReturnType<typeof kubernetesStack>, database: DatabaseName) =>
      describeServer(stack, database, stack.servers[database].size).sessions.extra?.map(
        (item) => item.count,
      );
    expect(count(kubernetesStack(), "sark")).toEqual([7]);
    expect(count(kubernetesStack(), "sark_audit")).toEqual([2]);
    expect(
      count(kubernetesStack({ sark: { home: "local" }, pool: { enabled: false } }), "sark"),
    ).toEqual([]);
  });

  it("are in the server's budget, and the pool leaves room for them", () => {
    const { sark, sark_audit: audit } = kubernetesStack().servers;
    const item = (plan: typeof sark) =>
      plan.budget.items.find(({ name }) => name === "maintenance");
    expect([item(sark)?.count, item(audit)?.count]).toEqual([7, 2]);
    expect([sark.budget.fits, audit.budget.fits]).toEqual([true, true]);
    // With so few connections the pool gets what is left, less the sessions of the jobs.
    const tight = (enabled: boolean) =>
      kubernetesStack({ sark: { home: "kubernetes", connections: 100 }, maintenance: { enabled } })
        .servers.sark;
    expect(tight(true).budget.fits).toBe(true);
    expect(tight(true).entries[0]?.maxDbConnections).toBeLessThan(
      tight(false).entries[0]?.maxDbConnections ?? 0,
    );
  });

  it("stay within the connection limit of the maintenance login", () => {
    for (const database of ["sark", "sark_audit"] as const) {
      const login = rolePlan(database, 1).roles.find(({ purpose }) => purpose === "maintain");
      const sessions = jobSessions(MAINTENANCE.filter((job) => job.database === database));
      expect(login?.connectionLimit).toBeGreaterThan(sessions);
    }
  });
});
