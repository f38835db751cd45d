import type { CounterName, MetricName } from "./metrics";
import type { InstanceClass } from "../../database/plan/instance-classes";

/** A warning is for the next working day, a critical alarm for now. */
export type Severity = "warning" | "critical";

/** CloudWatch's words; a percentile is taken of the figures within a period. */
export type Statistic = "Average" | "Maximum" | "Minimum" | "Sum" | "SampleCount" | "p95" | "p99";

export interface Sample {
  readonly metric: MetricName;
  readonly statistic: Statistic;
}

/** What is made of several figures, in CloudWatch's metric math. */
export interface Formula {
  /** Over the names below. */
  readonly expression: string;
  readonly metrics?: Readonly<Record<string, Sample>>;
  /** Figures that Performance Insights has; an average over each period. */
  readonly counters?: Readonly<Record<string, CounterName>>;
}

/** What CloudWatch makes of periods without a figure. `missing`: the alarm says that it has none, to nobody. */
type MissingData = "breaching" | "notBreaching" | "missing";

export interface Alarm {
  /** Unique for what is watched: lower-case letters and hyphens. */
  readonly name: string;
  readonly severity: Severity;
  readonly measure: Sample | Formula;
  /** On which side of the threshold. @default "above" */
  readonly trouble?: "above" | "below";
  /** In the unit of what is measured. */
  readonly threshold: number;
  /** Length of a period, in seconds. */
  readonly period: number;
  /** The latest periods that are looked at. */
  readonly periods: number;
  /** How many of them in trouble make an alarm. @default - all */
  readonly breaching?: number;
  /** @default "missing" */
  readonly missing?: MissingData;
  readonly summary: string;
  readonly action: string;
}

/** A server on RDS, as far as its alarms depend on it. Sizes in bytes. */
export interface WatchedServer {
  readonly role: "primary" | "replica";
  readonly maxConnections: number;
  readonly machine: InstanceClass;
  readonly volume: {
    /** As it was made; RDS enlarges it by itself. */
    readonly size: number;
    /** Operations a second. */
    readonly iops: number;
    /** MiB a second. */
    readonly throughput: number;
  };
  /** Bounds of the write-ahead log: between checkpoints, and for replicas that are behind. */
  readonly wal: { readonly max: number; readonly slots: number };
  /** Seconds for which a report may hold back what the primary has done; of a replica. */
  readonly reportSeconds: number;
  /** Servers that follow it. */
  readonly replicas: number;
}

export function isFormula(measure: Alarm["measure"]): measure is Formula {
  return "expression" in measure;
}

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** For long enough that a peak is none: three times five minutes. */
export const LASTING = { period: 5 * MINUTE, periods: 3 } as const;

type Step = Pick<Alarm, "threshold" | "period" | "periods">;

/** The same trouble, first as a warning and then as a critical alarm: what both share, and what each has of its own. */
export function inSteps(
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
