import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { counterExpression } from "./plan/metrics";
import { type Alarm, type Formula, type Sample, isFormula } from "./plan/shape";
import type { Notifications } from "./notifications";

/** What alarms look at: a server, or a vault. */
interface Subject {
  /** What the alarms' names begin with; the stack's own name at its front lets them send messages. */
  readonly name: string;
  /** CloudWatch's namespace and dimensions of its metrics. */
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** DbiResourceId of a server, by which Performance Insights knows it. @default - it has no counters */
  readonly resource?: pulumi.Input<string>;
}

interface AlarmsArgs {
  readonly alarms: readonly Alarm[];
  readonly subject: Subject;
  readonly notifications: Notifications;
}

/** Makes the alarms of one server, or of one vault. They name it by its identifier, so a preview shows them whole. */
export function createAlarms(
  kind: "DatabaseAlarms" | "VaultAlarms",
  name: string,
  { alarms, subject, notifications }: AlarmsArgs,
  parent: pulumi.Resource,
): void {
  const component = new pulumi.ComponentResource(`sark:aws:${kind}`, name, {}, { parent });
  const { topic, names } = notifications;
  for (const alarm of alarms) {
    new aws.cloudwatch.MetricAlarm(
      `${name}-${alarm.name}`,
      {
        name: `${subject.name}-${alarm.name}`,
        alarmDescription: `${alarm.summary} ${alarm.action}`,
        comparisonOperator:
          alarm.trouble === "below" ? "LessThanThreshold" : "GreaterThanThreshold",
        threshold: alarm.threshold,
        evaluationPeriods: alarm.periods,
        datapointsToAlarm: alarm.breaching ?? alarm.periods,
        treatMissingData: alarm.missing ?? "missing",
        actionsEnabled: true,
        alarmActions: [topic],
        okActions: [topic],
        ...(isFormula(alarm.measure)
          ? { metricQueries: queries(alarm.measure, alarm, subject) }
          : { ...sampled(alarm.measure, subject), period: alarm.period }),
        tags: { ...names.tags, severity: alarm.severity },
      },
      notifications.sender(component),
    );
  }
}

function sampled({ metric, statistic }: Sample, { namespace, dimensions }: Subject) {
  const percentile = statistic.startsWith("p");
  return {
    namespace,
    metricName: metric,
    dimensions,
    ...(percentile
      ? // A quarter of an hour has too few figures for CloudWatch's own idea of significance.
        { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "evaluate" }
      : { statistic }),
  };
}

/** The figures first, then what is made of them, which alone is compared with the threshold. */
function queries(
  { expression, metrics = {}, counters = {} }: Formula,
  { period, summary }: Alarm,
  { namespace, dimensions, resource }: Subject,
): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  return [
    ...Object.entries(metrics).map(([id, { metric, statistic }]) => ({
      id,
      metric: { namespace, metricName: metric, dimensions, period, stat: statistic },
      returnData: false,
    })),
    ...Object.entries(counters).map(([id, counter]) => ({
      id,
      expression: pulumi.output(resource ?? "").apply((known) => counterExpression(counter, known)),
      period,
      returnData: false,
    })),
    { id: "result", expression, label: summary, returnData: true },
  ];
}
