import type { Plan, PlannedOptions, PlannedResource } from "../../../engine/engine";
import { leftBehind } from "../../../cli/report/left-behind";
import { printPlan, summaryLine } from "../../../cli/report/report-plan";
import { ProgressReport, printResult } from "../../../cli/report/report-progress";
import { fakeTerminal, planOf, row } from "../support/fakes";

const ROLE = "postgresql:index/role:Role";
const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";
const MIGRATIONS = "pulumi-nodejs:dynamic/database:Migrations";
const NAMESPACE = "kubernetes:core/v1:Namespace";

function going(type: string, name: string, options: Partial<PlannedOptions>): PlannedResource {
  const made = row("delete", type, name);
  return { ...made, options: { ...made.options, ...options } };
}

const inside = (type: string, name: string, { urn }: PlannedResource) =>
  going(type, name, { deletedWith: urn });

const retained = going(CLUSTER, "sark-cluster", { retainOnDelete: true });
const names = (...resources: readonly PlannedResource[]) =>
  [...leftBehind(resources)].map((urn) => urn.split("::").at(-1));

function printed(plan: Plan): string {
  const { terminal, out } = fakeTerminal();
  printPlan(plan, terminal, false);
  return out();
}

describe("a resource that a plan deletes", () => {
  it("is left behind if it is inside a server that is left behind", () => {
    expect(names(inside(MIGRATIONS, "sark-migrations", retained), retained)).toEqual([
      "sark-cluster",
      "sark-migrations",
    ]);
  });

  it("is left behind at any depth inside a left-behind resource", () => {
    const namespace = going(NAMESPACE, "namespace", { retainOnDelete: true });
    const cluster = inside(CLUSTER, "recovered", namespace);
    const role = inside(ROLE, "sark_owner", cluster);
    expect(names(role, cluster, namespace)).toEqual(["namespace", "recovered", "sark_owner"]);
  });

  it("is deleted with its server", () => {
    const server = going(CLUSTER, "sark-cluster", {});
    expect(names(inside(ROLE, "sark_owner", server), server)).toEqual([]);
  });

  it("is deleted if its server stays in the stack", () => {
    const server = {
      ...row("same", CLUSTER, "sark-cluster"),
      options: { ...retained.options, retainOnDelete: true },
    };
    expect(names(inside(ROLE, "sark_owner", server), server)).toEqual([]);
  });

  it("is deleted if its server is not in the plan", () => {
    expect(names(inside(ROLE, "sark_owner", retained))).toEqual([]);
  });
});

describe("a plan", () => {
  it("shows the schema of a left-behind server as left behind, not as deleted", () => {
    const plan = planOf(
      inside(MIGRATIONS, "sark-migrations", retained),
      inside(ROLE, "sark_owner", retained),
      retained,
      going(ROLE, "other", {}),
    );
    expect(printed(plan)).toBe(`  - Role        other
  = Migrations  sark-migrations   (left behind)
  = Role        sark_owner   (left behind)
  = Cluster     sark-cluster   (left behind)

Plan: 1 to delete, 3 to leave behind.
`);
    expect(summaryLine(plan)).toBe("Plan: 1 to delete, 3 to leave behind.");
  });
});

describe("a run", () => {
  const role = going(ROLE, "other", {});

  it("reports each resource as deleted or left behind", () => {
    const { terminal, out } = fakeTerminal();
    const report = new ProgressReport(terminal);
    report.setLeftBehind(new Set([retained.urn]));
    for (const { urn } of [retained, role]) {
      report.started(urn, "delete");
      report.finished(urn, "delete", 0.01);
    }
    expect(out()).toBe("  = left behind Cluster sark-cluster\n  - deleted Role other\n");
  });

  it("reports an update of a resource that a destroy would leave behind", () => {
    const { terminal, out } = fakeTerminal();
    const report = new ProgressReport(terminal);
    report.setLeftBehind(new Set([retained.urn]));
    report.finished(retained.urn, "update", 0.01);
    expect(out()).toBe("  ~ updated Cluster sark-cluster\n");
  });

  it("on a screen shows `leaving behind` instead of `deleting`", () => {
    const { terminal, out } = fakeTerminal({ answers: [], colours: true });
    const report = new ProgressReport(terminal);
    report.setLeftBehind(new Set([retained.urn]));
    report.started(retained.urn, "delete");
    report.close();
    expect(out()).toContain("... leaving behind Cluster sark-cluster");
  });

  it("counts left-behind and deleted resources separately", () => {
    const last = (failed: readonly { readonly urn: string; readonly reason: string }[]) => {
      const { terminal, out } = fakeTerminal();
      const done = [
        { urn: retained.urn, op: "delete", leftBehind: true },
        { urn: role.urn, op: "delete" },
      ] as const;
      const result = {
        engine: "embedded",
        stack: "local",
        done,
        skipped: [],
        outputs: {},
      } as const;
      printResult({ ...result, failed }, terminal, 1);
      return out();
    };
    expect(last([])).toBe("Done: 1 deleted, 1 left behind (1.0 s).\n");
    expect(last([{ urn: "urn", reason: "down" }])).toBe(
      "Not done: 1 deleted, 1 left behind, 1 failed (1.0 s).\n",
    );
  });
});
