/** Rules of all objectives, checked and run by promtool on made-up series. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import {
  alertName,
  type RuleGroup,
  ruleGroup,
  type Watched,
} from "../../../components/objectives/plan/alert-rules";
import type { Expression } from "../../../components/objectives/plan/expression";
import { OBJECTIVES } from "../../../components/objectives/plan/catalogue";
import {
  NEEDS,
  type Objective,
  type Severity,
  type Subject,
} from "../../../components/objectives/plan/objective";
import { clusterNames } from "../../../components/homes/kubernetes/plan/cluster-names";
import { promtool } from "../../support/promtool";
import { EXPECTED, readingsOf } from "./objective-readings";

jest.setTimeout(120_000);

function group(subject: Subject): RuleGroup {
  const watched: Watched = { stack: "test", subject, expected: EXPECTED, has: NEEDS };
  return ruleGroup(watched, { runbooks: "https://example.com/runbooks" });
}

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-rules-"));
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: unknown): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, stringify(content));
  return file;
}

test.each(["sark", "sark_audit", "pool"] as const)(
  "rules of %s pass promtool's check",
  (subject) => {
    const file = write(`${subject}.yml`, { groups: [group(subject)] });
    const { status, stdout, stderr } = spawnSync(
      promtool(),
      ["check", "rules", "--lint-fatal", file],
      {
        encoding: "utf8",
      },
    );
    expect([stdout + stderr, status]).toEqual([expect.stringContaining("SUCCESS"), 0]);
  },
);

/** Minutes of the phases: good, bad, good again; longer than the windows of the rules, of which a budget's have six hours. */
function phases({ lasts, budget, measure }: Objective) {
  const window = budget ? 400 : Math.ceil(windowOf(measure) / 60) + 10;
  return { good: 20, bad: window + lasts / 60, again: window };
}

function windowOf(measure: Expression): number {
  if ("window" in measure) return measure.window;
  if ("aggregate" in measure) return windowOf(measure.of);
  return "operator" in measure ? Math.max(windowOf(measure.left), windowOf(measure.right)) : 0;
}

/** Minutes between two evaluations; of a rule that waits for a day, more. An alert is seen for five minutes. */
function stepOf({ lasts }: Objective): number {
  return lasts > 12 * 3600 ? 4 : 1;
}

/** A good value, and one a bit beyond each limit. */
function values(objective: Objective): {
  readonly good: number;
  readonly bad: Partial<Record<Severity, number>>;
} {
  const { good, target, critical, budget, unit } = objective;
  // Every budget is burnt at the critical rate, which is also above the slower one.
  if (budget) return { good: 1, bad: { critical: 0.1, warning: 0.1 } };
  const share = unit === "share";
  const step = (limit: number): number =>
    share ? 0.01 : Math.max(limit * 0.01, unit === "count" ? 1 : 0.001);
  const beyond = (limit: number): number =>
    good === "below" ? limit + step(limit) : limit - step(limit);
  const nearest = target ?? critical ?? 0;
  return {
    good: good === "below" ? Math.max(0, nearest - step(nearest)) : nearest,
    bad: {
      ...(target === undefined ? {} : { warning: beyond(target) }),
      ...(critical === undefined ? {} : { critical: beyond(critical) }),
    },
  };
}

/** promtool's notation: a value, its step, and how often it repeats. */
function input(objective: Objective, subject: Subject, bad: number) {
  const minutes = phases(objective);
  const readings = [values(objective).good, bad, values(objective).good].map(readingsOf(objective));
  const lengths = [minutes.good, minutes.bad, minutes.again];
  return Object.keys(readings[0] ?? {}).map((key) => {
    const [, metric = "", labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(key) ?? [];
    let total = 0;
    const parts = readings.map((reading, at) => {
      const value = reading[key] ?? 0;
      const length = Math.round(lengths[at] ?? 0);
      if (typeof value === "number") return `${value}+0x${length}`;
      if ("after" in value) {
        const minute = lengths.slice(0, at).reduce((all, each) => all + Math.round(each) + 1, 0);
        return `${60 * minute + value.after}+60x${length}`;
      }
      const part = `${value.from ?? total}${value.per < 0 ? "" : "+"}${value.per}x${length}`;
      total += value.per * length;
      return part;
    });
    const all = [
      `stack="test"`,
      `database="${subject}"`,
      `server="one"`,
      ...(labels ? [labels] : []),
    ];
    return { series: `${metric}{${all.join(",")}}`, values: parts.join(" ") };
  });
}

/** The rules of one objective, so that each test evaluates few. */
function ownRules(objective: Objective, subject: Subject): RuleGroup {
  const { name, rules } = group(subject);
  return { name, rules: rules.filter(({ labels }) => labels["objective"] === objective.name) };
}

const CASES = OBJECTIVES.flatMap((objective) =>
  objective.subjects.flatMap((subject) =>
    (["warning", "critical"] as const).flatMap((severity) => {
      const bad = values(objective).bad[severity];
      return bad === undefined ? [] : [{ objective, subject, severity, bad }];
    }),
  ),
);

test("every alert is silent on a good value, fires on a bad one, and resolves", () => {
  const files = CASES.map(({ objective, subject, severity, bad }) => {
    const name = `${objective.name}-${subject}-${severity}`;
    const rules = write(`${name}.rules.yml`, { groups: [ownRules(objective, subject)] });
    const minutes = phases(objective);
    const firing = `count(ALERTS{alertname="${alertName(objective)}",alertstate="firing",severity="${severity}"})`;
    const at = (minute: number, fires: boolean) => ({
      expr: firing,
      eval_time: `${Math.floor(minute)}m`,
      exp_samples: fires ? [{ labels: "{}", value: 1 }] : [],
    });
    return write(`${name}.test.yml`, {
      rule_files: [rules],
      evaluation_interval: `${stepOf(objective)}m`,
      tests: [
        {
          name,
          interval: "1m",
          input_series: input(objective, subject, bad),
          promql_expr_test: [
            at(minutes.good - 1, false),
            // Not before it has lasted.
            at(minutes.good + objective.lasts / 60 - 1, false),
            at(minutes.good + minutes.bad - 1, true),
            at(minutes.good + minutes.bad + minutes.again - 1, false),
          ],
        },
      ],
    });
  });
  const { status, stdout, stderr } = spawnSync(promtool(), ["test", "rules", ...files], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect([
    (stdout + stderr).split("\n").filter((line) => /FAILED|\b(?:got|exp):/.test(line)),
    status,
  ]).toEqual([[], 0]);
});

it("loss of a recovered cluster's primary fires although the old cluster still runs", () => {
  const watched = { stack: "test", subject: "sark", expected: EXPECTED, has: NEEDS } as const;
  const { name, rules } = ruleGroup(
    {
      ...watched,
      servers: clusterNames({ database: "sark", recovery: { generation: 2 } }).servers,
    },
    { runbooks: "https://example.com/runbooks" },
  );
  const own = rules.filter(({ labels }) => labels["objective"] === "server-down");
  const up = (server: string, values: string) => ({
    series: `sark_primary_up{stack="test",database="sark",server="${server}"}`,
    values,
  });
  const file = write("recovered.test.yml", {
    rule_files: [write("recovered.rules.yml", { groups: [{ name, rules: own }] })],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        // The new primary is lost after ten minutes, and is back after ten more.
        input_series: [up("sark-1", "1x60"), up("sark-g2-1", "1x10 _x10 1x40")],
        promql_expr_test: [9, 19, 40].map((minute) => ({
          expr: 'count(ALERTS{alertname="SarkServerDown",alertstate="firing"})',
          eval_time: `${minute}m`,
          exp_samples: minute === 19 ? [{ labels: "{}", value: 1 }] : [],
        })),
      },
    ],
  });
  const { status, stdout, stderr } = spawnSync(promtool(), ["test", "rules", file], {
    encoding: "utf8",
  });
  expect([stdout + stderr, status]).toEqual([expect.stringContaining("SUCCESS"), 0]);
});
