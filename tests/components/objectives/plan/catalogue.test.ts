/** The catalogue of objectives is consistent with metrics, named queries, settings and itself. */
import { OBJECTIVES, objectivesOf } from "../../../../components/objectives/plan/catalogue";
import { evaluate } from "../../../../components/objectives/plan/evaluate";
import {
  type Expression,
  metricsOf,
  promql,
} from "../../../../components/objectives/plan/expression";
import { PREFIX } from "../../../../components/objectives/plan/metric-queries";
import {
  NEEDS,
  type Objective,
  OUTER_NEEDS,
  type Subject,
} from "../../../../components/objectives/plan/objective";
import { Samples } from "../../../../components/objectives/plan/samples";
import { projectRoot } from "../../../../components/files/project-root";
import { readQueries } from "../../../../components/queries/query-folder";
import { PGBOUNCER_EXPORTER_METRICS } from "../../../support/pgbouncer-exporter-metrics";

const QUERIES = readQueries(projectRoot());
const EACH = OBJECTIVES.map((objective) => [objective.name, objective] as const);

/** Labels by metric, of all that a subject's exporters publish. */
function exportedBy(subject: Subject): ReadonlyMap<string, readonly string[]> {
  if (subject === "pool") return new Map(Object.entries(PGBOUNCER_EXPORTER_METRICS));
  return new Map(
    QUERIES.filter(({ databases }) => databases.includes(subject)).flatMap(
      ({ metrics, columns }) => {
        const labels = columns.filter((column) => !metrics.some((each) => each.column === column));
        return metrics.map(({ column }) => [`${PREFIX}${column}`, labels] as const);
      },
    ),
  );
}

/** Metrics and labels of an expression that a subject's exporters do not publish. */
function unknownNames(measure: Expression, subject: Subject): readonly string[] {
  const exported = exportedBy(subject);
  const labels = gaugesOf(measure).flatMap((each) =>
    Object.keys({ ...each.where, ...each.except })
      .filter((label) => !exported.get(each.gauge)?.includes(label))
      .map((label) => `${each.gauge}{${label}}`),
  );
  return [...metricsOf(measure).filter((metric) => !exported.has(metric)), ...labels];
}

type Gauge = Extract<Expression, { readonly gauge: string }>;

function gaugesOf(expression: Expression): readonly Gauge[] {
  if ("gauge" in expression) return [expression];
  if ("operator" in expression) return [expression.left, expression.right].flatMap(gaugesOf);
  return "aggregate" in expression ? gaugesOf(expression.of) : [];
}

describe("the catalogue", () => {
  it("has no two objectives of one name", () => {
    const names = OBJECTIVES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(EACH)("%s has a name that fits a file, a setting and an alert", (name) => {
    expect(name).toMatch(/^[a-z][a-z\d]*(-[a-z\d]+)*$/);
  });

  it.each(EACH.filter(([, { query }]) => query !== undefined))(
    "%s names a query that exists and runs on its databases",
    (_, objective) => {
      const query = QUERIES.find(({ name }) => name === objective.query);
      const databases = objective.subjects.filter((subject) => subject !== "pool");
      expect(query?.databases).toEqual(expect.arrayContaining(databases));
    },
  );

  // Of what lies around a server, the rules' own test compares the metrics with what each home exports.
  it.each(EACH.filter(([, { needs }]) => !OUTER_NEEDS.some((each) => each === needs)))(
    "%s measures metrics and labels that its exporters publish",
    (_, objective) => {
      expect(
        objective.subjects.flatMap((subject) => unknownNames(objective.measure, subject)),
      ).toEqual([]);
    },
  );

  it.each<[string, Expression, Subject, string]>([
    ["a misspelt metric", { gauge: "sark_sesions" }, "sark", "sark_sesions"],
    ["a metric of the other database", { gauge: "sark_job_failing" }, "sark", "sark_job_failing"],
    [
      "a misspelt label",
      { gauge: "sark_newest_row_age_seconds", where: { table: "audit_events" } },
      "sark_audit",
      "sark_newest_row_age_seconds{table}",
    ],
    [
      "a metric of the pool",
      { rate: "pgbouncer_up_total", window: 60 },
      "pool",
      "pgbouncer_up_total",
    ],
  ])("would refuse %s", (_, measure, subject, fault) => {
    expect(unknownNames(measure, subject)).toEqual([fault]);
  });

  it.each(EACH)("%s is critical beyond its target, not before", (_, { good, target, critical }) => {
    if (target === undefined || critical === undefined) return;
    if (good === "below") expect(critical).toBeGreaterThan(target);
    else expect(critical).toBeLessThan(target);
  });

  it.each(EACH)("%s has limits of its unit", (_, { unit, target = 0, critical = 0 }) => {
    expect([target, critical].filter((limit) => limit < 0)).toEqual([]);
    if (unit === "share") expect(Math.max(target, critical)).toBeLessThanOrEqual(1);
  });

  it.each(EACH)(
    "%s has a budget only as a share with a target and no critical limit",
    (_, each) => {
      const { budget, unit, target, critical, good } = each;
      if (budget) expect({ unit, good, critical }).toEqual({ unit: "share", good: "above" });
      if (budget) expect(target).toBeLessThan(1);
    },
  );

  it.each(EACH)("%s has a summary of one line of at most 100 characters", (_, { summary }) => {
    expect(summary).toMatch(/^[A-Z][^\n]{1,98}\.$/);
  });

  it.each(EACH)("%s lasts whole minutes", (_, { lasts }) => {
    expect(lasts % 60).toBe(0);
    expect(lasts).toBeGreaterThan(0);
  });

  it("names only parts of servers that exist", () => {
    const needs = OBJECTIVES.flatMap((each: Objective) => each.needs ?? []);
    expect([...new Set(needs)].sort()).toEqual([...NEEDS].sort());
  });
});

describe("objectivesOf", () => {
  it("replaces the limits that a stack sets, and keeps the others", () => {
    const [own] = objectivesOf("sark", { "replica-lag": { target: 10 } }).filter(
      ({ name }) => name === "replica-lag",
    );
    expect(own).toMatchObject({ target: 10, critical: 300 });
  });
});

describe("the use of the pool", () => {
  const [poolUse] = objectivesOf("pool").filter(({ name }) => name === "pool-use");
  const measure = poolUse?.measure ?? { number: 0 };
  const expected = { replicas: 0, migrations: 0 };
  const entry = (name: string, value: number) => ({ labels: { entry: name, name }, value });

  it("counts each entry by itself, and leaves out PgBouncer's own console", () => {
    const samples = new Samples(
      new Map([
        [
          "pgbouncer_pools_server_active_connections",
          [entry("sark", 20), entry("sark_replica", 4)],
        ],
        [
          "pgbouncer_databases_max_connections",
          [entry("sark", 40), entry("sark_replica", 40), entry("pgbouncer", 100)],
        ],
      ]),
    );
    expect(evaluate(measure, samples, expected)).toEqual([
      { labels: { entry: "sark" }, value: 0.5 },
      { labels: { entry: "sark_replica" }, value: 0.1 },
    ]);
    expect(promql(measure, 'stack="x"', expected)).toContain(
      'pgbouncer_databases_max_connections{stack="x",entry!="pgbouncer"}',
    );
  });
});
