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
import { promtool } from "../../support/promtool";

jest.setTimeout(120_000);

const EXPECTED = { replicas: 2, migrations: 9 };

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

/** Series by metric, with its labels; a number is a gauge's value, `per` a counter's growth in a minute. */
type Reading = Readonly<Record<string, number | { readonly per: number }>>;

/** Readings that give an objective this value. */
type Readings = (value: number) => Reading;

/** How a value is reached, for objectives that are not a single gauge. */
const READINGS: Readonly<Record<string, Readings>> = {
  "response-time-p95": (value) => statements(value, 0.04, 0.2),
  "response-time-p99": (value) => statements(value, 0.09, 0.2),
  "connection-wait": (value) => ({
    pgbouncer_stats_client_wait_seconds_total: { per: 600 * value },
    pgbouncer_stats_sql_transactions_pooled_total: { per: 600 },
  }),
  "pool-use": (value) => ({
    'pgbouncer_pools_server_active_connections{entry="sark",user="a"}': 60 * value,
    'pgbouncer_pools_server_active_connections{entry="sark",user="b"}': 40 * value,
    'pgbouncer_databases_max_connections{entry="sark",name="sark"}': 100,
    // Idle beside a full one.
    'pgbouncer_pools_server_active_connections{entry="other",user="a"}': 0,
    'pgbouncer_databases_max_connections{entry="other",name="other"}': 100,
    'pgbouncer_databases_max_connections{entry="pgbouncer",name="pgbouncer"}': 0,
  }),
  connections: (value) => ({ sark_sessions: 200 * value, sark_session_limit: 200 }),
  "cache-hits": (value) => ({
    sark_blocks_hit_total: { per: 6000 * value },
    sark_blocks_read_total: { per: 6000 * (1 - value) },
  }),
  deadlocks: (value) => ({ sark_deadlocks_total: { per: value / 60 } }),
  rollbacks: (value) => ({
    sark_rollbacks_total: { per: value * 6000 },
    sark_commits_total: { per: (1 - value) * 6000 - 60 },
  }),
  "lock-table": (value) => ({ sark_locks: value * 6400, sark_lock_limit: 6400 }),
  "dead-rows": (value) => ({
    'sark_dead_rows{table_name="a"}': value * 1_000_000,
    'sark_live_rows{table_name="a"}': (1 - value) * 1_000_000 - 10_000,
    'sark_dead_rows{table_name="small"}': 900,
    'sark_live_rows{table_name="small"}': 0,
  }),
  "forced-checkpoints": (value) => ({
    sark_checkpoints_forced_total: { per: (value * 60) / 60 },
    sark_checkpoints_timed_total: { per: ((1 - value) * 60 - 6) / 60 },
  }),
  "pending-migrations": (value) => ({ sark_migrations_applied: EXPECTED.migrations - value }),
  "replicas-missing": (value) => ({ sark_replicas_streaming: EXPECTED.replicas - value }),
  "slot-retention": (value) => ({
    sark_slot_retained_bytes: value * 2 ** 30,
    sark_slot_limit_bytes: 2 ** 30,
  }),
  "wal-size": (value) => ({ sark_wal_bytes: value * 2 ** 30, sark_wal_limit_bytes: 2 ** 30 }),
  "audit-silent": (value) => ({
    'sark_newest_row_age_seconds{hypertable="audit_events"}': value,
    // Rows of the others may be rare.
    'sark_newest_row_age_seconds{hypertable="siem_events"}': 1_000_000,
  }),
  "pool-clients": (value) => ({
    pgbouncer_used_clients: 1000 * value,
    pgbouncer_config_max_client_connections: 1000,
  }),
};

function statements(share: number, fast: number, slow: number): Reading {
  return {
    'sark_statement_calls_total{queryid="1"}': { per: 1000 * share },
    'sark_statement_seconds_total{queryid="1"}': { per: 1000 * share * fast },
    'sark_statement_calls_total{queryid="2"}': { per: 1000 * (1 - share) },
    'sark_statement_seconds_total{queryid="2"}': { per: 1000 * (1 - share) * slow },
  };
}

function readingsOf({ name, measure }: Objective): Readings {
  const own = READINGS[name];
  if (own !== undefined) return own;
  if ("gauge" in measure) return (value) => ({ [measure.gauge]: value });
  if ("aggregate" in measure && "gauge" in measure.of) {
    const { gauge } = measure.of;
    return (value) => ({ [gauge]: value });
  }
  throw new Error(`the test does not know how to reach a value of ${name}`);
}

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
      const part = `${total}+${value.per}x${length}`;
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
    (stdout + stderr).split("\n").filter((line) => /FAILED|got|exp/.test(line)),
    status,
  ]).toEqual([[], 0]);
});
