import { KubernetesMonitoring } from "../../../../../components/homes/kubernetes/monitoring/kubernetes-monitoring";
import type { DatabaseServer } from "../../../../../components/homes/database-server";
import type { RuleGroup } from "../../../../../components/objectives/plan/alert-rules";
import { DASHBOARDS } from "../../../../../components/objectives/plan/dashboards";
import { monitoredStack } from "../../../../../components/objectives/monitored-stack";
import { AWS } from "../../../../support/aws-settings";
import { clusterStackOf, platformOf } from "../../../../support/built-cluster";
import { layerOf } from "../../../../support/kubernetes-layer";
import { plannedBy } from "../../../../support/kubernetes-plan";
import { kubernetesStack } from "../../../../support/registered";
import type { Registration } from "../../../../../engine/embedded/registration";

interface Rule {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly groups: readonly {
      readonly name: string;
      readonly rules: readonly Readonly<Record<string, unknown>>[];
    }[];
  };
}

/** The objects that a stack's monitoring makes. */
function plannedFor(changes: object): Promise<readonly Registration[]> {
  const settings = kubernetesStack({ ...changes });
  return plannedBy(() => {
    const databases = [layerOf(settings, "sark"), layerOf(settings, "sark_audit")];
    const { clusters, exported, outside, pool } = clusterStackOf(settings);
    new KubernetesMonitoring("monitoring", {
      platform: platformOf(settings),
      ...monitoredStack(settings, databases, undefined),
      ...{ clusters, exported, outside, pool },
    });
  });
}

/** The PrometheusRules of a stack. */
async function rulesOf(changes: object): Promise<readonly Registration[]> {
  return (await plannedFor(changes))
    .filter(({ inputs }) => inputs["kind"] === "PrometheusRule")
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

const ruleOf = ({ inputs }: Registration) => inputs as unknown as Rule;
const groupsOf = (rules: readonly Registration[]) =>
  rules.map((each) => {
    const { metadata, spec } = ruleOf(each);
    return [metadata.name, ...spec.groups.map(({ name }) => name)];
  });

it("KubernetesMonitoring has rules for each database and the pool", async () => {
  const rules = await rulesOf({});
  expect(groupsOf(rules)).toEqual([
    ["pgbouncer", "sark-test-pool"],
    ["sark-audit", "sark-test-sark-audit"],
    ["sark", "sark-test-sark"],
  ]);
  for (const each of rules) {
    for (const rule of ruleOf(each).spec.groups.flatMap((group) => group.rules)) {
      expect(rule).toMatchObject({ expr: expect.any(String) as string });
    }
  }
});

it("KubernetesMonitoring has no rules for a pool that is off", async () => {
  const rules = await rulesOf({ pool: { enabled: false } });
  expect(groupsOf(rules).map(([name]) => name)).toEqual(["sark-audit", "sark"]);
});

it("KubernetesMonitoring has rules for a database on RDS only with its exporter, as absent metrics fire", async () => {
  const names = async (changes: object) => groupsOf(await rulesOf(changes)).map(([name]) => name);
  expect(await names(AWS)).toEqual(["pgbouncer", "sark-audit", "sark"]);
  const without = { ...AWS, aws: { ...AWS.aws, exporter: { enabled: false } } };
  expect(await names(without)).toEqual(["pgbouncer", "sark-audit"]);
  expect((await plannedFor(without)).map(({ name }) => name).join()).not.toContain("exporter");
});

it("monitoring of a server adds what its home exports, and selects its own pods", async () => {
  const settings = kubernetesStack({ backups: { schedule: "0 0 3 * * 0" } });
  const rulesWith = async (more: Partial<DatabaseServer>) => {
    let rules: RuleGroup["rules"] = [];
    await plannedBy(() => {
      ({ rules } = monitoredStack(settings, [layerOf(settings, "sark", more)], undefined).rules(
        "sark",
      ));
    });
    return rules;
  };
  const plain = await rulesWith({});
  const own = await rulesWith({ exports: ["backups", "volumes"], servers: "sark-g2-[0-9]+" });
  const alerts = (rules: RuleGroup["rules"]) =>
    rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : []));
  const added = alerts(own).filter((alert) => !alerts(plain).includes(alert));
  expect([...new Set(added)].sort()).toEqual([
    "SarkBackupAge",
    "SarkBackupFailed",
    "SarkDiskFull",
    "SarkDiskSpace",
  ]);
  // A week between two backups, and a day for one to finish.
  const age = own.find((rule) => "alert" in rule && rule.alert === "SarkBackupAge");
  expect(age?.expr).toContain(" > 691200 or absent(");
  for (const rule of own) {
    if ("record" in rule) expect(rule.expr).toContain(',server=~"sark-g2-[0-9]+"');
  }
});

it("KubernetesMonitoring has a ConfigMap for each dashboard, which Grafana's sidecar loads", async () => {
  const dashboards = (await plannedFor({})).filter(({ inputs }) => inputs["kind"] === "ConfigMap");
  expect(dashboards).toHaveLength(DASHBOARDS.length);
  for (const { inputs } of dashboards) {
    expect(inputs).toMatchObject({ metadata: { labels: { grafana_dashboard: "1" } } });
    const [[file, text] = ["", ""]] = Object.entries(inputs["data"] as Record<string, string>);
    expect(file).toMatch(/^sark-databases-sark-[a-z-]+\.json$/);
    expect((JSON.parse(text) as { uid: string }).uid).toMatch(/^sark-.+-test$/);
  }
});

it("KubernetesMonitoring keeps the rules of clusters that outlive the stack, under the same name after a recovery", async () => {
  const kept = (rules: readonly Registration[]) =>
    rules.filter(({ retainOnDelete }) => retainOnDelete).map((each) => ruleOf(each).metadata.name);
  const recovery = { sark: { home: "kubernetes", instances: 1, recovery: { generation: 2 } } };
  expect(kept(await rulesOf(recovery))).toEqual(["sark-audit", "sark"]);
  expect(kept(await rulesOf(AWS))).toEqual(["sark-audit"]);
  expect(kept(await rulesOf({ kubernetes: { retain: false } }))).toEqual([]);
});

it("KubernetesMonitoring makes the same rules each time", async () => {
  const inputs = async () => (await rulesOf({})).map((each) => each.inputs);
  expect(await inputs()).toEqual(await inputs());
});
