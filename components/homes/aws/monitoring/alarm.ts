import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { METRICS, type MetricName, counterExpression } from "./plan/metrics";
import { type Alarm, type Formula, type Sample, isFormula } from "./plan/shape";
import type { AwsNames } from "../plan/aws-names";
import type { Notifications } from "./notifications";

/** What alarms look at: a server, or a vault. */
interface Subject {
  /** What the alarms' names begin with; the stack's own name at its front lets them send messages. */
  readonly name: string;
  /** CloudWatch's dimensions of it. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** DbiResourceId of a server, by which Performance Insights knows it. @default - it has no counters */
  readonly resource?: pulumi.Input<string>;
}

export interface AlarmArgs {
  readonly names: AwsNames;
  readonly alarm: Alarm;
  readonly subject: Subject;
  readonly notifications: Notifications;
}

/** An alarm that says when the trouble begins, and when it is over. */
export function createAlarm(
  name: string,
  { names, alarm, subject, notifications }: AlarmArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  const { topic, ready } = notifications;
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      name: `${subject.name}-${alarm.name}`,
      alarmDescription: `${alarm.summary} ${alarm.action}`,
      comparisonOperator: alarm.trouble === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold: alarm.threshold,
      evaluationPeriods: alarm.periods,
      datapointsToAlarm: alarm.breaching,
      treatMissingData: alarm.missing,
      actionsEnabled: true,
      alarmActions: [topic],
      okActions: [topic],
      ...(isFormula(alarm.measure)
        ? { metricQueries: queries(alarm.measure, alarm, subject) }
        : { ...sampled(alarm.measure, subject), period: alarm.period }),
      tags: { ...names.tags, severity: alarm.severity },
    },
    pulumi.mergeOptions(opts, { dependsOn: [ready] }),
  );
}

function sampled({ metric, statistic }: Sample, { dimensions }: Subject) {
  const percentile = statistic.startsWith("p");
  return {
    ...metricOf(metric),
    dimensions,
    ...(percentile
      ? // A quarter of an hour has too few figures for CloudWatch's own idea of significance.
        { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "evaluate" }
      : { statistic }),
  };
}

function metricOf(metric: MetricName) {
  return { namespace: METRICS[metric].namespace, metricName: metric };
}

/** The figures first, then what is made of them, which alone is compared with the threshold. */
function queries(
  { expression, metrics = {}, counters = {} }: Formula,
  { period, summary }: Alarm,
  { dimensions, resource }: Subject,
): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  return [
    ...Object.entries(metrics).map(([id, { metric, statistic }]) => ({
      id,
      metric: { ...metricOf(metric), dimensions, period, stat: statistic },
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
