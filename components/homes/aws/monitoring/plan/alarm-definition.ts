import type { CounterName, MetricName } from "./metrics";
import type { InstanceClass } from "../../database/plan/instance-classes";

/** A warning can wait for the next working day; a critical alarm needs action now. */
export type Severity = "warning" | "critical";

/** A CloudWatch statistic; a percentile covers the values within a period. */
export type Statistic = "Average" | "Maximum" | "Minimum" | "Sum" | "SampleCount" | "p95" | "p99";

/** One metric with its statistic. */
export interface Sample {
  readonly metric: MetricName;
  readonly statistic: Statistic;
}

/** A CloudWatch metric math expression. */
export interface Formula {
  /** Refers to the names of `metrics` and `counters`. */
  readonly expression: string;
  readonly metrics?: Readonly<Record<string, Sample>>;
  /** Performance Insights counters, averaged over each period. */
  readonly counters?: Readonly<Record<string, CounterName>>;
}

/**
 * How CloudWatch treats periods without data. `missing`: the state becomes INSUFFICIENT_DATA, and nobody is notified.
 */
type MissingData = "breaching" | "notBreaching" | "missing";

export interface Alarm {
  /** Unique among the alarms of one server or vault: lower-case letters and hyphens. */
  readonly name: string;
  readonly severity: Severity;
  readonly measure: Sample | Formula;
  /** Side of the threshold on which the alarm fires. @default "above" */
  readonly side?: "above" | "below";
  /** In the unit of the metric. */
  readonly threshold: number;
  /** Length of a period, in seconds. */
  readonly period: number;
  /** Number of latest periods that are evaluated. */
  readonly periods: number;
  /** How many of them must breach the threshold. @default - all */
  readonly datapoints?: number;
  /** @default "missing" */
  readonly missingData?: MissingData;
  /** Condition and consequence, as full sentences. */
  readonly summary: string;
  /** The remedy, in full sentences. */
  readonly action: string;
}

/** The facts of an RDS server that its alarms depend on. Sizes in bytes. */
export interface WatchedServer {
  readonly role: "primary" | "replica";
  readonly maxConnections: number;
  readonly machine: InstanceClass;
  readonly volume: {
    /** Size at creation; storage autoscaling may have enlarged it since. */
    readonly size: number;
    /** IOPS. */
    readonly iops: number;
    /** MiB a second. */
    readonly throughput: number;
  };
  /** WAL limits: `max` between checkpoints (max_wal_size), `slots` for lagging replicas (max_slot_wal_keep_size). */
  readonly wal: { readonly max: number; readonly slots: number };
  /** Seconds for which a report may delay replay; of a replica. */
  readonly reportSeconds: number;
  /** Number of servers that replicate from it. */
  readonly replicas: number;
}

export function isFormula(measure: Alarm["measure"]): measure is Formula {
  return "expression" in measure;
}

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Three periods of five minutes: ignores brief spikes. */
export const SUSTAINED = { period: 5 * MINUTE, periods: 3 } as const;

type Step = Pick<Alarm, "threshold" | "period" | "periods">;

/** A pair of alarms, warning and critical: the fields that both share, and those of each. */
export function warningAndCritical(
  shared: Omit<Alarm, "severity" | keyof Step>,
  steps: Readonly<Record<Severity, Step & Partial<Alarm>>>,
): readonly Alarm[] {
  return (["warning", "critical"] as const).map((severity) => ({
    ...shared,
    ...steps[severity],
    name: `${shared.name}-${severity}`,
    severity,
  }));
}
