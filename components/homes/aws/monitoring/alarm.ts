import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { METRICS, type MetricName, counterExpression } from "./plan/metrics";
import { type Alarm, type Formula, type Sample, isFormula } from "./plan/shape";
import type { AwsPlatform } from "../platform/aws-platform";
import type { Place } from "../platform/places";
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

export interface AlarmsArgs {
  readonly platform: AwsPlatform;
  readonly place: Place;
  readonly alarms: readonly Alarm[];
  readonly subject: Subject;
  readonly notifications: Notifications;
}

/** The alarms of one server, or of one vault. They name it by its identifier, so a preview shows them whole. */
export class Alarms extends pulumi.ComponentResource {
  constructor(
    kind: "DatabaseAlarms" | "VaultAlarms",
    name: string,
    { platform, place, alarms, subject, notifications }: AlarmsArgs,
    opts: pulumi.ComponentResourceOptions,
  ) {
    super(`sark:aws:${kind}`, name, {}, opts);
    const { topic, ready } = notifications;
    for (const alarm of alarms) {
      new aws.cloudwatch.MetricAlarm(
        `${name}-${alarm.name}`,
        {
          name: `${subject.name}-${alarm.name}`,
          alarmDescription: `${alarm.summary} ${alarm.action}`,
          comparisonOperator:
            alarm.trouble === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
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
          tags: { ...place.names.tags, severity: alarm.severity },
        },
        pulumi.mergeOptions(platform.inside(this, place), { dependsOn: [ready] }),
      );
    }
    this.registerOutputs({});
  }
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
