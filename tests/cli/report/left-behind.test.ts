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
  it("is left behind if it is inside a server that is", () => {
    expect(names(inside(MIGRATIONS, "sark-migrations", retained), retained)).toEqual([
      "sark-cluster",
      "sark-migrations",
    ]);
  });

  it("is left behind at any depth", () => {
    const namespace = going(NAMESPACE, "namespace", { retainOnDelete: true });
    const cluster = inside(CLUSTER, "recovered", namespace);
    const role = inside(ROLE, "sark_owner", cluster);
    expect(names(role, cluster, namespace)).toEqual(["namespace", "recovered", "sark_owner"]);
  });

  it("goes with a server that goes", () => {
    const server = going(CLUSTER, "sark-cluster", {});
    expect(names(inside(ROLE, "sark_owner", server), server)).toEqual([]);
  });

  it("goes if its server stays in the stack: it is dropped there", () => {
    const server = {
      ...row("same", CLUSTER, "sark-cluster"),
      options: { ...retained.options, retainOnDelete: true },
    };
    expect(names(inside(ROLE, "sark_owner", server), server)).toEqual([]);
  });

  it("goes if its server is not in the plan at all", () => {
    expect(names(inside(ROLE, "sark_owner", retained))).toEqual([]);
  });
});

describe("a plan", () => {
  it("does not call the schema of a server that stays deleted", () => {
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

  it("says of each resource whether it was deleted or left behind", () => {
    const { terminal, out } = fakeTerminal();
    const report = new ProgressReport(terminal);
    report.leaves(new Set([retained.urn]));
    for (const { urn } of [retained, role]) {
      report.started(urn, "delete");
      report.finished(urn, "delete", 0.01);
    }
    expect(out()).toBe("  = left behind Cluster sark-cluster\n  - deleted Role other\n");
  });

  it("says `created` and `updated` of what a later run would leave behind", () => {
    const { terminal, out } = fakeTerminal();
    const report = new ProgressReport(terminal);
    report.leaves(new Set([retained.urn]));
    report.finished(retained.urn, "update", 0.01);
    expect(out()).toBe("  ~ updated Cluster sark-cluster\n");
  });

  it("on a screen does not call it `deleting` while it is left behind", () => {
    const { terminal, out } = fakeTerminal({ answers: [], colours: true });
    const report = new ProgressReport(terminal);
    report.leaves(new Set([retained.urn]));
    report.started(retained.urn, "delete");
    report.close();
    expect(out()).toContain("... leaving behind Cluster sark-cluster");
  });

  it("counts what was left behind apart from what was deleted", () => {
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
