import type { CatalogueEntry } from "../../../../objectives/plan/objective";
import { splitWords } from "../../../../text/words";
import { type AwsNames, arn } from "../../plan/aws-names";
import { type Alarm, type AlarmSubject, isFormula } from "./alarm-definition";

/** Rows of the dashboard: each answers one question with the panels of these objectives. */
const ROWS = [
  { question: "Can applications connect?", objectives: "server-down connections" },
  {
    question: "Does the machine have capacity left?",
    objectives: "cpu load memory swap cpu-credits",
  },
  {
    question: "Is the disk near one of its limits?",
    objectives: "disk-iops disk-throughput disk-burst",
  },
  {
    question: "Does the disk answer fast enough?",
    objectives: "disk-latency disk-queue",
  },
  { question: "Is there space left?", objectives: "disk-space disk-full wal-size" },
  {
    question: "Do statements and vacuum make progress?",
    objectives: "deadlocks transaction-ids cache-hits",
  },
  { question: "Could a replica take over?", objectives: "replica-lag slot-retention" },
  {
    question: "Could the data be restored?",
    objectives: "wal-archiving backup-age backup-failed backup-copy-failed",
  },
] as const;

const COLOURS = { warning: "#ff7f0e", critical: "#d62728" } as const;

/** Columns of a CloudWatch dashboard. */
const WIDTH = 24;

/** A server or vault with its alarms. */
export interface AlarmedSubject {
  readonly subject: AlarmSubject;
  readonly alarms: readonly Alarm[];
}

/** A widget before it has a place. */
interface Widget {
  readonly type: "alarm" | "metric" | "text";
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An alarm with the subject that it watches. */
interface Placed {
  readonly alarm: Alarm;
  readonly subject: AlarmSubject;
}

/**
 * Body of a region's CloudWatch dashboard, as JSON: the alarms' states, then a row for each question. Limits are drawn
 * into the panels. Plain text in a preview, because it refers to servers and alarms by name.
 */
export function dashboardBody(
  names: AwsNames,
  subjects: readonly AlarmedSubject[],
  runbooks: string,
): string {
  const placed = subjects.flatMap(({ subject, alarms }) =>
    alarms.map((alarm): Placed => ({ alarm, subject })),
  );
  const rows = ROWS.flatMap(({ question, objectives }) => {
    const shown = splitWords(objectives)
      .map((name) => placed.filter(({ alarm }) => alarm.objective.name === name))
      .filter((alarms) => alarms.length > 0);
    const panels = shown.flatMap((alarms) => panelsOf(names, alarms));
    const links = new Set(
      shown.flat().map(({ alarm: { objective } }) => runbookLink(objective, runbooks)),
    );
    return panels.length > 0
      ? [[text(`## ${question}\nRunbooks: ${[...links].join(" · ")}`)], panels]
      : [];
  });
  const states = subjects.map(({ subject, alarms }): Widget => ({
    type: "alarm",
    properties: {
      title: `Alarms of ${titleOf(subject)}`,
      alarms: alarms.map(({ name }) => alarmArn(names, subject, name)),
    },
  }));
  return JSON.stringify({
    start: "-PT24H",
    // Each panel has the period of its alarms, so that it shows what they compare.
    periodOverride: "inherit",
    widgets: inRows([[text("## Does anything need attention?")], states, ...rows]),
  });
}

/** Places each row below the one before, its widgets side by side. */
function inRows(rows: readonly (readonly Widget[])[]): readonly object[] {
  let top = 0;
  return rows.flatMap((widgets) => {
    const width = Math.max(6, Math.floor(WIDTH / widgets.length));
    const columns = Math.floor(WIDTH / width);
    const height = widgets[0]?.type === "text" ? 2 : 6;
    const y = top;
    top += height * Math.ceil(widgets.length / columns);
    return widgets.map((widget, index) => ({
      x: (index % columns) * width,
      y: y + Math.floor(index / columns) * height,
      width,
      height,
      ...widget,
    }));
  });
}

function runbookLink({ name }: CatalogueEntry, runbooks: string): string {
  return `[${name}](${runbooks}/${name}.md)`;
}

function text(markdown: string): Widget {
  return { type: "text", properties: { markdown } };
}

/** The panels of an objective: one for each measure, with a line for each server. */
function panelsOf(names: AwsNames, placed: readonly Placed[]): readonly Widget[] {
  const watches = new Set(placed.map(({ alarm }) => alarm.watch.name));
  return [...watches].flatMap((name) => {
    const own = placed.filter(({ alarm }) => alarm.watch.name === name);
    const counted = own.filter(
      ({ alarm: { measure } }) => isFormula(measure) && measure.counters !== undefined,
    );
    // Two panels of one objective, such as those of reads and writes.
    const suffix = watches.size > 1 ? `: ${name}` : "";
    return counted.length > 0
      ? counted.map((each) => alarmPanel(names, each, suffix))
      : [linesPanel(names, own, suffix)];
  });
}

/** The panel of an alarm on counters. Their keys are unknown before the server exists; the alarm has them. */
function alarmPanel(names: AwsNames, { alarm, subject }: Placed, suffix: string): Widget {
  return {
    type: "metric",
    properties: {
      ...panelOf(names, alarm),
      title: `${alarm.objective.title}${suffix}: ${titleOf(subject)}`,
      annotations: { alarms: [alarmArn(names, subject, alarm.name)] },
    },
  };
}

function linesPanel(names: AwsNames, placed: readonly Placed[], suffix: string): Widget {
  const [first] = placed;
  if (!first) throw new Error("a panel without alarms");
  const drawn = new Map(
    placed.map((each) => [JSON.stringify([each.subject, each.alarm.measure]), each] as const),
  );
  const limits = new Map(
    placed.map(({ alarm: { severity, threshold } }) => [
      `${severity} ${threshold}`,
      { label: severity, value: threshold, color: COLOURS[severity] },
    ]),
  );
  return {
    type: "metric",
    properties: {
      ...panelOf(names, first.alarm),
      title: `${first.alarm.objective.title}${suffix}`,
      metrics: [...drawn.values()].flatMap((each, index) => linesOf(names, each, index)),
      annotations: { horizontal: [...limits.values()] },
    },
  };
}

function panelOf({ region }: AwsNames, { watch }: Alarm) {
  return {
    region,
    view: "timeSeries",
    yAxis: { left: { label: watch.unit, showUnits: false, min: 0 } },
  };
}

/** The metrics of an alarm as a panel lists them; those of a formula are computed and not drawn. */
function linesOf(
  { region }: AwsNames,
  { alarm: { measure, period }, subject }: Placed,
  index: number,
): readonly (readonly unknown[])[] {
  const { namespace, dimensions } = subject;
  const label = titleOf(subject);
  const metric = (name: string, options: object) => [
    namespace,
    name,
    ...Object.entries(dimensions).flat(),
    { period, region, ...options },
  ];
  if (!isFormula(measure)) {
    const { metric: name, statistic } = measure;
    const shown = statistic.startsWith("p") ? `${label} ${statistic}` : label;
    return [metric(name, { stat: statistic, label: shown })];
  }
  // Identifiers are unique in a panel.
  const inputs = Object.entries(measure.metrics ?? {});
  const expression = inputs.reduce(
    (all, [id]) => all.replaceAll(new RegExp(`\\b${id}\\b`, "g"), `${id}${index}`),
    measure.expression,
  );
  return [
    ...inputs.map(([id, input]) =>
      metric(input.metric, { id: `${id}${index}`, stat: input.statistic, visible: false }),
    ),
    [{ expression, id: `result${index}`, label, period, region }],
  ];
}

function titleOf({ name, namespace }: AlarmSubject): string {
  return namespace === "AWS/Backup" ? `backups of ${name}` : name;
}

function alarmArn(names: AwsNames, { name }: AlarmSubject, alarm: string): string {
  return arn(names, "cloudwatch", `alarm:${name}-${alarm}`);
}
