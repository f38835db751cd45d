/** Every metric and label in an alert rule or panel exists, by what the exporters export. */
import matrix from "../../../../../components/homes/kubernetes/plan/compatibility.json";
import { helperImage, parseImage } from "../../../../../components/homes/kubernetes/plan/images";
import { lineOf } from "../../../../../components/homes/kubernetes/plan/versions";
import { type RuleGroup, ruleGroup } from "../../../../../components/objectives/plan/alert-rules";
import {
  NEEDS,
  OUTER_NEEDS,
  type Subject,
} from "../../../../../components/objectives/plan/objective";
import {
  certificateRules,
  volumeRules,
} from "../../../../../components/homes/kubernetes/monitoring/plan/surrounding-rules";
import { DASHBOARDS } from "../../../../../components/objectives/plan/dashboards";
import { grafanaDashboard } from "../../../../../components/objectives/plan/grafana-dashboard";
import operator from "./cloudnative-pg-metrics.json";
import {
  type Exported,
  exportedByCluster,
  exportedByExporter,
  exportedByPool,
} from "./exported-metrics";
import pgbouncer from "./pgbouncer-exporter-metrics.json";

/** The rules of a database or the pool, with every objective that can be measured in the home. */
function groupOf(subject: Subject, home = "Kubernetes"): RuleGroup {
  const inside = home === "Kubernetes";
  const has = inside ? NEEDS : NEEDS.filter((need) => !OUTER_NEEDS.some((outer) => outer === need));
  const { name, rules } = ruleGroup(
    { stack: "dev", subject, expected: { replicas: 1, migrations: 9 }, has },
    { runbooks: "docs/runbooks" },
  );
  if (!inside) return { name, rules };
  const recordings =
    subject === "pool"
      ? certificateRules("sark-databases", "dev")
      : volumeRules({ database: subject }, "sark-databases", "dev");
  return { name, rules: [...recordings, ...rules] };
}

const SUBJECTS = [
  ["sark", "Kubernetes", exportedByCluster("sark")],
  ["sark", "RDS", exportedByExporter("sark")],
  ["sark_audit", "Kubernetes", exportedByCluster("sark_audit")],
  ["pool", "Kubernetes", exportedByPool()],
] as const;

/** Metrics and labels of an expression that neither an exporter nor an earlier rule of the group provides. */
function unknownIn({ rules }: RuleGroup, exported: Exported): readonly string[] {
  const known = new Map(exported);
  return rules.flatMap((rule) => {
    const used = selectorsOf(rule.expr);
    const unknown = unknownOf(used, known);
    if ("record" in rule) {
      const labels = [
        ...Object.keys(rule.labels),
        ...used.flatMap((each) => each.labels),
        "server",
      ];
      known.set(rule.record, [...(known.get(rule.record) ?? []), ...labels]);
    }
    return used.length === 0 ? [...unknown, `no metric in ${rule.expr}`] : unknown;
  });
}

function unknownOf(used: ReturnType<typeof selectorsOf>, known: Exported): readonly string[] {
  return used.flatMap(({ metric, labels }) => {
    const found = known.get(metric);
    if (found === undefined) return [metric];
    return labels.filter((each) => !found.includes(each)).map((each) => `${metric}{${each}}`);
  });
}

/** The selectors of an expression; our rules never use a metric without one. */
function selectorsOf(expr: string) {
  return [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].map(
    ([, metric = "", matchers = ""]) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)(?:=~?|!=)"/g)].map(([, label = ""]) => label),
    }),
  );
}

describe.each(SUBJECTS)("alert rules of %s on %s", (subject, home, exported) => {
  it("use only metrics and labels that are exported", () => {
    const group = groupOf(subject, home);
    expect(group.rules.length).toBeGreaterThan(5);
    expect(unknownIn(group, exported)).toEqual([]);
  });

  it("are refused with a misspelt metric or label", () => {
    const { name, rules } = groupOf(subject, home);
    for (const [index, rule] of rules.entries()) {
      for (const { metric, labels } of selectorsOf(rule.expr)) {
        const [first = ""] = labels;
        for (const [right, wrong] of [
          [`${metric}{`, `${metric}x{`],
          [`{${first}="`, `{${first}x="`],
        ] as const) {
          const planted = { ...rule, expr: rule.expr.replace(right, wrong) };
          const group = { name, rules: rules.with(index, planted) };
          expect(unknownIn(group, exported)).not.toEqual([]);
        }
      }
    }
  });
});

describe("panels of the dashboards", () => {
  const rules = SUBJECTS.flatMap(([subject]) => groupOf(subject).rules);
  const recorded = rules.flatMap((rule) =>
    "record" in rule ? [[rule.record, [...Object.keys(rule.labels), "server"]] as const] : [],
  );
  const alerts = ["ALERTS", ["alertstate", ...rules.flatMap((rule) => Object.keys(rule.labels))]];
  const known = new Map([
    ...SUBJECTS.flatMap(([, , exported]) => [...exported]),
    ...recorded,
    alerts as [string, string[]],
  ]);
  const panels = DASHBOARDS.flatMap((plan) =>
    (grafanaDashboard(plan, { stack: "test", runbooks: "docs/runbooks" }).panels ?? []).flatMap(
      (panel) =>
        ("targets" in panel ? (panel.targets ?? []) : []).flatMap((target) =>
          "expr" in target && typeof target.expr === "string" ? [target.expr] : [],
        ),
    ),
  );

  it("use only metrics and labels that are exported or recorded", () => {
    expect(panels.length).toBeGreaterThan(50);
    expect(panels.flatMap((expr) => unknownOf(selectorsOf(expr), known))).toEqual([]);
    expect(panels.filter((expr) => selectorsOf(expr).length === 0)).toEqual([]);
  });

  it("are refused with a misspelt metric", () => {
    for (const expr of panels) {
      const planted = expr.replace("{", "x{");
      expect(unknownOf(selectorsOf(planted), known)).not.toEqual([]);
    }
  });
});

describe("recorded metrics", () => {
  it("are those of every CloudNativePG version that the stack accepts", () => {
    expect(Object.keys(matrix.cloudnativePg.lines)).toEqual([lineOf(operator.version)]);
  });

  it("are those of the exporter's version beside PgBouncer", () => {
    const { tag } = parseImage(helperImage("exporter", undefined));
    expect(tag).toBe(`v${pgbouncer.version}`);
  });
});
