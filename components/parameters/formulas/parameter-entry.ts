import type { Refusal } from "../../text/problem";
import type { MajorVersion } from "../parameters";
import type { ParameterValue } from "../known/parameter-facts";
import type { MachinePlan } from "./machine-plan";
import type { Figure } from "./rendered";
import type { TuningInput, Workload } from "./tuning-input";

/** The source of every figure. */
export interface Planned extends MachinePlan {
  readonly input: TuningInput;
  /** Sessions that run a statement at once. */
  readonly sessions: number;
}

type Computed = Figure | ((planned: Planned) => Figure);

/** A tuned parameter, or several with one formula. Every server and docs/tuning.md follow from it. */
export interface ParameterEntry {
  /** Values by name. Undefined: the server's default. */
  readonly set: Readonly<Record<string, Computed | undefined>>;
  /** @default - both */
  readonly workload?: Workload;
  /** The first major version that has it. @default - every supported one */
  readonly since?: MajorVersion;
  /** Markdown for docs/tuning.md. @default - none, the value is the same on every machine */
  readonly formula?: string | Readonly<Partial<Record<Workload, string>>>;
  readonly whyNotGuide?: string;
  /** Why the value is not that of pgtune and timescaledb-tune. */
  readonly whyNotTools?: string;
  /** A replica with less than its primary refuses to start. */
  readonly hotStandby?: true;
  /** Stack's own values that the local home takes where there is a replica. */
  readonly local?: Limit;
  readonly kubernetes?: Limit;
  readonly aws?: {
    /** Value of RDS's own group. */
    readonly default?: string;
    /** Why nobody may set it. */
    readonly leftOut?: string;
    readonly forced?: Forced;
    /** Words that RDS takes, where it takes fewer than PostgreSQL, in its own spelling. */
    readonly words?: readonly string[];
  };
  /** On RDS, where replicas run reports: few long statements in place of many short ones. */
  readonly awsReplica?: { readonly value: Computed; readonly why: string };
}

/** A limit of a stack's own values. */
export interface Limit extends Refusal {
  readonly takes: (value: ParameterValue) => boolean;
}

/** A parameter's only value, and why nobody may set another one. */
export interface Forced {
  readonly value: string;
  readonly why: string;
}
