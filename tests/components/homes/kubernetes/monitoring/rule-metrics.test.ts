/** Every metric and label in an alert rule exists, by what the exporters export. */
import matrix from "../../../../../components/homes/kubernetes/plan/compatibility.json";
import { helperImage, parseImage } from "../../../../../components/homes/kubernetes/plan/images";
import { lineOf } from "../../../../../components/homes/kubernetes/plan/versions";
import { type RuleGroup, ruleGroup } from "../../../../../components/objectives/plan/alert-rules";
import { NEEDS, type Subject } from "../../../../../components/objectives/plan/objective";
import operator from "./cloudnative-pg-metrics.json";
import { type Exported, exportedByCluster, exportedByPool } from "./exported-metrics";
import pgbouncer from "./pgbouncer-exporter-metrics.json";

/** The rules of a database or the pool in the Kubernetes home, with every objective. */
function groupOf(subject: Subject): RuleGroup {
  return ruleGroup(
    { stack: "dev", subject, expected: { replicas: 1, migrations: 9 }, has: NEEDS },
    { runbooks: "docs/runbooks" },
  );
}

const SUBJECTS = [
  ["sark", exportedByCluster("sark")],
  ["sark_audit", exportedByCluster("sark_audit")],
  ["pool", exportedByPool()],
] as const;

/** Metrics and labels of an expression that neither an exporter nor an earlier rule of the group provides. */
function unknownIn({ rules }: RuleGroup, exported: Exported): readonly string[] {
  const known = new Map(exported);
  return rules.flatMap((rule) => {
    const used = selectorsOf(rule.expr);
    const unknown = used.flatMap(({ metric, labels }) => {
      const found = known.get(metric);
      if (found === undefined) return [metric];
      return labels.filter((each) => !found.includes(each)).map((each) => `${metric}{${each}}`);
    });
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

/** The selectors of an expression; our rules never use a metric without one. */
function selectorsOf(expr: string) {
  return [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].map(
    ([, metric = "", matchers = ""]) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)="/g)].map(([, label = ""]) => label),
    }),
  );
}

describe.each(SUBJECTS)("alert rules of %s on Kubernetes", (subject, exported) => {
  it("use only metrics and labels that are exported", () => {
    const group = groupOf(subject);
    expect(group.rules.length).toBeGreaterThan(5);
    expect(unknownIn(group, exported)).toEqual([]);
  });

  it("are refused with a misspelt metric or label", () => {
    const { name, rules } = groupOf(subject);
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

describe("recorded metrics", () => {
  it("are those of every CloudNativePG version that the stack accepts", () => {
    expect(Object.keys(matrix.cloudnativePg.lines)).toEqual([lineOf(operator.version)]);
  });

  it("are those of the exporter's version beside PgBouncer", () => {
    const { tag } = parseImage(helperImage("exporter", undefined));
    expect(tag).toBe(`v${pgbouncer.version}`);
  });
});
