import type { MajorVersion } from "../parameters";
import type { ParameterValue } from "../known/parameter-facts";
import type { MemoryPlan } from "./memory";
import type { Figure } from "./rendered";
import type { TuningInput, Workload } from "./tuning-input";
import type { WalPlan } from "./wal";
import type { WorkerPlan } from "./workers";

/** The source of every figure. */
export interface Planned {
  readonly input: TuningInput;
  readonly memory: MemoryPlan;
  readonly workers: WorkerPlan;
  readonly wal: WalPlan;
}

/** The same for a replica that runs reports. */
export interface PlannedReplica extends Planned {
  /** Sessions that run a statement at once. */
  readonly sessions: number;
}

export type Computed<P> = Figure | ((planned: P) => Figure);

/** A tuned parameter, or several with one formula. Servers in every home and docs/tuning.md follow from it. */
export interface ParameterEntry {
  /** Values by name. Undefined: the server's default. */
  readonly set: Readonly<Record<string, Computed<Planned> | undefined>>;
  /** @default - both */
  readonly workload?: Workload;
  /** The first major version that has it. @default - every supported one */
  readonly since?: MajorVersion;
  /**
   * Row of docs/tuning.md: figures, and the reason where they do not explain themselves. Markdown.
   * @default - none, the value is the same on every machine
   */
  readonly formula?: string | Readonly<Partial<Record<Workload, string>>>;
  /** Why the value is not that of the guide, or of pgtune and timescaledb-tune. */
  readonly differs?: Readonly<Partial<Record<"guide" | "tools", string>>>;
  /** A replica with less than its primary refuses to start. */
  readonly hotStandby?: true;
  /** What a home does other than setting the value. */
  readonly homes?: {
    /** Where there is a replica. */
    readonly local?: Limit;
    readonly kubernetes?: Limit;
    readonly aws?: OnRds;
  };
}

/** Values that a home takes from a stack. */
export interface Limit {
  readonly takes: (value: ParameterValue) => boolean;
  readonly allowed: string;
  readonly why: string;
}

interface OnRds {
  /** A source of rds-parameters.json. @default "postgresql" */
  readonly source?: "guide" | "reference";
  /** Value of RDS's own group. */
  readonly default?: string;
  /** Words that RDS takes, where it takes fewer than PostgreSQL, in its own spelling. */
  readonly words?: readonly string[];
  /** Why nobody may set it. */
  readonly leftOut?: string;
  readonly forced?: Forced;
  /** On replicas, which run reports: few long statements in place of many short ones. */
  readonly replica?: { readonly value: Computed<PlannedReplica>; readonly why: string };
}

/** What a parameter is forced to, and why nobody may set another value. */
export interface Forced {
  readonly value: string;
  readonly why: string;
}
