import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { counterExpression } from "./plan/metrics";
import {
  type Alarm,
  type AlarmSubject,
  type Formula,
  type Sample,
  isFormula,
} from "./plan/alarm-definition";
import { alarmDescription } from "./plan/objective-alarms";
import type { Notifications } from "./notifications";

interface AlarmsArgs {
  readonly alarms: readonly Alarm[];
  readonly subject: AlarmSubject;
  /** DbiResourceId of a server, its key in Performance Insights. @default - no counters */
  readonly resource?: pulumi.Input<string>;
  readonly notifications: Notifications;
  /** Address of the folder of runbooks. */
  readonly runbooks: string;
}

/** Creates the alarms of one server or vault. They refer to it by its identifier, so a preview shows them in full. */
export function createAlarms(
  kind: "DatabaseAlarms" | "VaultAlarms",
  name: string,
  { alarms, subject, resource = "", notifications, runbooks }: AlarmsArgs,
  parent: pulumi.Resource,
): void {
  const component = new pulumi.ComponentResource(`sark:aws:${kind}`, name, {}, { parent });
  const { topic, names } = notifications;
  for (const alarm of alarms) {
    new aws.cloudwatch.MetricAlarm(
      `${name}-${alarm.name}`,
      {
        name: `${subject.name}-${alarm.name}`,
        alarmDescription: alarmDescription(alarm, runbooks),
        comparisonOperator: alarm.side === "below" ? "LessThanThreshold" : "GreaterThanThreshold",
        threshold: alarm.threshold,
        evaluationPeriods: alarm.periods,
        datapointsToAlarm: alarm.datapoints ?? alarm.periods,
        treatMissingData: alarm.missingData,
        actionsEnabled: true,
        alarmActions: [topic],
        okActions: [topic],
        ...(isFormula(alarm.measure)
          ? { metricQueries: queries(alarm.measure, alarm, subject, resource) }
          : { ...sampled(alarm.measure, subject), period: alarm.period }),
        tags: { ...names.tags, severity: alarm.severity },
      },
      notifications.sender(component),
    );
  }
}

function sampled({ metric, statistic }: Sample, { namespace, dimensions }: AlarmSubject) {
  const percentile = statistic.startsWith("p");
  return {
    namespace,
    metricName: metric,
    dimensions,
    ...(percentile
      ? // CloudWatch considers fifteen values too few to be significant. Evaluates them nevertheless, its default.
        { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "evaluate" }
      : { statistic }),
  };
}

/** Metric queries of a formula: its inputs, then the expression, which alone is compared with the threshold. */
function queries(
  { expression, metrics = {}, counters = {} }: Formula,
  { period, watch }: Alarm,
  { namespace, dimensions }: AlarmSubject,
  resource: pulumi.Input<string>,
): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  return [
    ...Object.entries(metrics).map(([id, { metric, statistic }]) => ({
      id,
      metric: { namespace, metricName: metric, dimensions, period, stat: statistic },
      returnData: false,
    })),
    ...Object.entries(counters).map(([id, counter]) => ({
      id,
      expression: pulumi.output(resource).apply((known) => counterExpression(counter, known)),
      period,
      returnData: false,
    })),
    { id: "result", expression, label: watch.unit, returnData: true },
  ];
}
