/** Recording and alerting rules for Prometheus, from the objectives. */
import { objectivesOf, type Overrides } from "./catalogue";
import { duration, type Expected, promql } from "./expression";
import {
  HOUR,
  MINUTE,
  type Need,
  type Objective,
  type Severity,
  type Subject,
  type Unit,
} from "./objective";

/** One database's servers or the pool, as its rules need to know them. */
export interface Watched {
  readonly stack: string;
  readonly subject: Subject;
  readonly expected: Expected;
  /** Parts that its servers have. */
  readonly has: readonly Need[];
  /** Regular expression of its servers. @default - all with the labels of the stack and the database */
  readonly servers?: string | undefined;
}

interface RuleOptions {
  readonly overrides?: Overrides;
  /** Address of the folder of runbooks, without a slash at its end. */
  readonly runbooks: string;
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<"summary" | "description" | "runbook_url", string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** Metric that recording rules write: the value of each objective, in its unit. */
export const OBJECTIVE_METRIC = "sark:objective:value";

/** The share of bad events of an objective with a budget, over the window of the label `window`. */
const BAD_SHARE = "sark:objective:bad_share";

/**
 * Burn rates with their windows (Google's SRE workbook, "Alerting on SLOs"): at 14.4 a month's budget is gone in two
 * days, at 6 in five. The short window ends the alert soon after the fault ends.
 */
const BURN = [
  { severity: "critical", rate: 14.4, long: HOUR, short: 5 * MINUTE },
  { severity: "warning", rate: 6, long: 6 * HOUR, short: 30 * MINUTE },
] as const;

/** Prometheus' functions that make a value readable. */
const TEMPLATES: Readonly<Record<Unit, string>> = {
  bytes: "humanize1024",
  count: "humanize",
  perSecond: "humanize",
  seconds: "humanizeDuration",
  share: "humanizePercentage",
};

/** Name of an objective's alerts, such as `SarkReplicaLag`. */
export function alertName({ name }: Pick<Objective, "name">): string {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `Sark${words.join("")}`;
}

/** The objectives that apply to a subject. */
export function watchedObjectives(
  { subject, has }: Pick<Watched, "subject" | "has">,
  overrides?: Overrides,
): readonly Objective[] {
  return objectivesOf(subject, overrides).filter(
    ({ needs }) => needs === undefined || has.includes(needs),
  );
}

/** The rules of one subject: each objective is recorded, then compared with its limits. */
export function ruleGroup(watched: Watched, options: RuleOptions): RuleGroup {
  const rules = watchedObjectives(watched, options.overrides).flatMap((objective) => [
    ...recordings(objective, watched),
    ...alertsOf(objective, watched, options),
  ]);
  return { name: `sark-${watched.stack}-${watched.subject.replace("_", "-")}`, rules };
}

function selectorOf({ stack, subject }: Watched): string {
  return `stack="${stack}",database="${subject}"`;
}

function recordings(objective: Objective, watched: Watched): readonly RecordingRule[] {
  const { stack, subject } = watched;
  const labels = { objective: objective.name, stack, database: subject };
  const only = watched.servers === undefined ? "" : `,server=~"${watched.servers}"`;
  const render = (window?: number) =>
    promql(objective.measure, `${selectorOf(watched)}${only}`, watched.expected, window);
  const windows = objective.budget ? BURN.flatMap(({ long, short }) => [long, short]) : [];
  return [
    { record: OBJECTIVE_METRIC, expr: render(), labels },
    ...windows.map((window) => ({
      record: BAD_SHARE,
      expr: `1 - ${render(window)}`,
      labels: { ...labels, window: duration(window) },
    })),
  ];
}

function alertsOf(
  objective: Objective,
  watched: Watched,
  { runbooks }: RuleOptions,
): readonly AlertingRule[] {
  const { name, title, unit, summary, query, lasts } = objective;
  const alert = (severity: Severity, expr: string): AlertingRule => ({
    alert: alertName(objective),
    expr,
    for: duration(lasts),
    labels: { severity, objective: name, stack: watched.stack, database: watched.subject },
    annotations: {
      summary,
      // An alert on a missing value has no server.
      description:
        `${watched.subject} of stack ${watched.stack}{{ with $labels.server }}, server {{ . }}{{ end }}: ` +
        `${title}: {{ $value | ${TEMPLATES[unit]} }}.` +
        (query === undefined ? "" : ` Confirm: npm run query ${query} -- --stack ${watched.stack}`),
      runbook_url: `${runbooks}/${name}.md`,
    },
  });
  const recorded = `${selectorOf(watched)},objective="${name}"`;
  if (objective.budget && objective.target !== undefined) {
    const allowed = 1 - objective.target;
    return BURN.map(({ severity, rate, long, short }) => {
      const burning = (window: number) =>
        `${BAD_SHARE}{${recorded},window="${duration(window)}"} > ${round(rate * allowed)}`;
      return alert(severity, `${burning(long)} and ignoring(window) ${burning(short)}`);
    });
  }
  const value = `${OBJECTIVE_METRIC}{${recorded}}`;
  const beyond = objective.good === "below" ? ">" : "<";
  return (["critical", "warning"] as const).flatMap((severity) => {
    const limit = severity === "critical" ? objective.critical : objective.target;
    if (limit === undefined) return [];
    const missing = objective.missingIsBad ? ` or absent(${value})` : "";
    return [alert(severity, `${value} ${beyond} ${limit}${missing}`)];
  });
}

function round(value: number): number {
  return Number(value.toFixed(6));
}
