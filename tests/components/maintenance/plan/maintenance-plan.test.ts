import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  BLOAT,
  MAINTENANCE,
  dumpVolumeSize,
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

describe("every job", () => {
  it.each(MAINTENANCE.map((job) => [job.name, job] as const))("%s can be run", (_, job) => {
    expect(job.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(job.schedule).toMatch(/^(\*\/\d+|\d+-\d+\/\d+|\d+) (\*|\d+) \* \* (\*|[0-6])$/);
    expect(job.why).toMatch(/^[A-Z].*\.$/);
    if (job.work.kind === "dump") return;
    expect(existsSync(join(SQL_FOLDER, "maintenance", job.work.file))).toBe(true);
    // psql takes the arguments as they are: nothing in them needs quoting.
    for (const [name, value] of Object.entries(job.work.variables)) {
      expect(`${name}=${value}`).toMatch(/^[a-z_]+=[a-z0-9_.,]+$/);
    }
  });

  it("has a name of its own in its database", () => {
    const all = MAINTENANCE.map(({ name, database }) => `${database} ${name}`);
    expect(new Set(all).size).toBe(all.length);
  });

  it("waits for locks for less long than it may run, and stops by itself before it is stopped", () => {
    for (const { lockWait, deadline, work } of MAINTENANCE) {
      expect(lockWait).toBeLessThan(deadline);
      const seconds = work.kind === "dump" ? undefined : work.variables["seconds"];
      expect(Number(seconds ?? 0)).toBeLessThanOrEqual(deadline - 60);
    }
  });

  it("is over before it begins again", () => {
    for (const { schedule, deadline } of MAINTENANCE) {
      const every = Number(/^(?:\*|\d+-\d+)\/(\d+) \*/.exec(schedule)?.[1] ?? 24 * 60);
      expect(deadline).toBeLessThan(every * 60);
    }
  });
});

it("keeps rebuilds out of the dump's way, whose snapshot they would wait for", () => {
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

it("rebuilds no index for what random keys do to it, since that would not keep", () => {
  const settled = Math.LN2 / 0.9;
  expect(BLOAT.percent / 100).toBeGreaterThan(1 - settled);
});

describe("the jobs of a database", () => {
  it("are its own", () => {
    expect(names(kubernetesStack(), "sark")).toEqual([
      "expired-sessions",
      "idle-rate-limits",
      "vacuum",
      "reindex",
      "dump",
    ]);
    expect(names(kubernetesStack(), "sark_audit")).toEqual(["analyze"]);
  });

  it("have no dump where there is no bucket", () => {
    expect(names(kubernetesStack({ backups: {} }), "sark")).not.toContain("dump");
  });

  it("are none where the settings turn them off, or the server lives elsewhere", () => {
    const off = kubernetesStack({ maintenance: { enabled: false } });
    expect([names(off, "sark"), names(off, "sark_audit")]).toEqual([[], []]);
    const local = kubernetesStack({ sark: { home: "local" }, pool: { enabled: false } });
    expect([names(local, "sark"), names(local, "sark_audit")]).toEqual([[], ["analyze"]]);
  });

  it("never rebuild an index of a hypertable, which TimescaleDB refuses", () => {
    const files = MAINTENANCE.filter(({ database }) => database === "sark_audit").map(({ work }) =>
      work.kind === "dump" ? "a dump" : work.file,
    );
    expect(files).toEqual(["analyze-hypertables.sql"]);
  });
});

describe("their sessions", () => {
  it("are counted, one for each job, and none elsewhere", () => {
    const count = (stack: ReturnType<typeof kubernetesStack>, database: DatabaseName) =>
      describeServer(stack, database, stack.servers[database].size).sessions.extra?.map(
        (item) => item.count,
      );
    expect(count(kubernetesStack(), "sark")).toEqual([5]);
    expect(count(kubernetesStack(), "sark_audit")).toEqual([1]);
    expect(
      count(kubernetesStack({ sark: { home: "local" }, pool: { enabled: false } }), "sark"),
    ).toEqual([]);
  });

  it("are in the server's budget, beside a pool that leaves them room", () => {
    const { sark, sark_audit: audit } = kubernetesStack().servers;
    const item = (plan: typeof sark) =>
      plan.budget.items.find(({ name }) => name === "maintenance");
    expect([item(sark)?.count, item(audit)?.count]).toEqual([5, 1]);
    expect([sark.budget.fits, audit.budget.fits]).toEqual([true, true]);
    // So many connections that the pool's share is what is left, and the jobs' come out of that.
    const tight = (enabled: boolean) =>
      kubernetesStack({ sark: { home: "kubernetes", connections: 100 }, maintenance: { enabled } })
        .servers.sark;
    expect(tight(true).budget.fits).toBe(true);
    expect(tight(true).entries[0]?.maxDbConnections).toBeLessThan(
      tight(false).entries[0]?.maxDbConnections ?? 0,
    );
  });

  it("fit under the limit of the login", () => {
    for (const database of ["sark", "sark_audit"] as const) {
      const login = rolePlan(database, 1).roles.find(({ purpose }) => purpose === "maintain");
      const jobs = MAINTENANCE.filter((job) => job.database === database).length;
      expect(login?.connectionLimit).toBeGreaterThan(jobs);
    }
  });
});

it("makes a dump's volume half of the database's, in whole GiB", () => {
  const GiB = 2 ** 30;
  expect(dumpVolumeSize(100 * GiB)).toBe(50 * GiB);
  expect(dumpVolumeSize(5 * GiB)).toBe(3 * GiB);
});
