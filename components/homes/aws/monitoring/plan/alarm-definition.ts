import type { Limits } from "../../../../objectives/plan/catalogue";
import type { CatalogueEntry, Severity } from "../../../../objectives/plan/objective";
import type { InstanceClass } from "../../database/plan/instance-classes";
import type { CounterName, MetricName } from "./metrics";

/** A CloudWatch statistic; a percentile covers the values within a period. */
type Statistic = "Average" | "Maximum" | "Minimum" | "Sum" | "SampleCount" | "p95" | "p99";

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

/** When an alarm fires. */
interface Condition {
  /** In the unit of the metric. */
  readonly threshold: number;
  /** Length of a period, in seconds. */
  readonly period: number;
  /** Number of latest periods that are evaluated. */
  readonly periods: number;
  /** How many of them must breach the threshold. @default - all */
  readonly datapoints?: number;
  /** @default "missing", or "breaching" for an objective whose missing value is bad */
  readonly missingData?: MissingData;
  /** @default - that of the watch */
  readonly measure?: Sample | Formula;
}

/** What alarms watch: a server, or a vault. */
export interface AlarmSubject {
  /** Prefix of the alarms' names. It begins with the stack's name, as the topic's policy demands. */
  readonly name: string;
  /** CloudWatch's namespace and dimensions of its metrics. */
  readonly namespace: "AWS/RDS" | "AWS/Backup";
  readonly dimensions: Readonly<Record<string, string>>;
}

/** How CloudWatch watches an objective. Each limit of the objective is an alarm. */
export interface Watch {
  /**
   * Name of its alarm, unique for one server or vault: lower-case letters and hyphens. If the objective has two limits,
   * the alarms' names end with the severity.
   */
  readonly name: string;
  /** Name of the objective in the catalogue. */
  readonly objective: string;
  readonly measure: Sample | Formula;
  /** Unit of the measure, for people. */
  readonly unit: string;
  /** Side of the threshold on which its alarms fire. @default - the bad side of the objective's limits */
  readonly side?: "above" | "below";
  /** Limits for a reason that holds on RDS alone; the stack's own replace them. @default - the catalogue's */
  readonly limits?: Limits;
  /** The condition that stands for a limit. */
  readonly condition: (limit: number, severity: Severity) => Condition;
  /** Facts of the server, and the remedy, in full sentences. */
  readonly action: string;
}

export interface Alarm extends Condition {
  readonly name: string;
  readonly watch: Watch;
  /** A warning can wait for the next working day; a critical alarm needs action now. */
  readonly severity: Severity;
  /** The objective that is missed, with its limits for this server. */
  readonly objective: CatalogueEntry;
  readonly measure: Sample | Formula;
  readonly side: "above" | "below";
  readonly missingData: MissingData;
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

/** Three periods of five minutes: ignores brief spikes. */
export const SUSTAINED = { period: 300, periods: 3 } as const;
