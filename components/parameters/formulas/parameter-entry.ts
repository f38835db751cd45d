import type { ProblemReason } from "../../text/problem";
import type { MajorVersion } from "../parameters";
import type { ParameterValue } from "../known/parameter-facts";
import type { MachinePlan } from "./machine-plan";
import type { UncheckedValue } from "./parameter-set";
import type { TuningInput, Workload } from "./tuning-input";

/** Inputs of the parameter formulas. */
export interface FormulaInput extends MachinePlan {
  readonly input: TuningInput;
  /** Sessions that execute a statement at once. */
  readonly sessions: number;
}

type Computed = UncheckedValue | ((planned: FormulaInput) => UncheckedValue);

/** One tuned parameter, or several with one formula. Servers and docs/tuning.md are made from these entries. */
export interface ParameterEntry {
  /** Values by name; undefined keeps the server's default. */
  readonly set: Readonly<Record<string, Computed | undefined>>;
  /** @default - both */
  readonly workload?: Workload;
  /** First major version that has the parameter. @default - every supported one */
  readonly since?: MajorVersion;
  /** Markdown for docs/tuning.md. @default - none: the value is the same on every machine */
  readonly formula?: string | Readonly<Partial<Record<Workload, string>>>;
  readonly whyNotGuide?: string;
  /** Why the value differs from pgtune and timescaledb-tune. */
  readonly whyNotTools?: string;
  /** Whether a replica refuses to start with a lower value than its primary's. */
  readonly hotStandby?: true;
  /** Allowed overrides in the local home when there is a replica. */
  readonly local?: OverrideLimit;
  readonly kubernetes?: OverrideLimit;
  readonly aws?: {
    /** Default of the RDS parameter group. */
    readonly default?: string;
    /** Why the parameter cannot be set on RDS. */
    readonly leftOut?: string;
    readonly forced?: ForcedValue;
    /** Allowed words in RDS's spelling, when RDS allows fewer than PostgreSQL. */
    readonly words?: readonly string[];
  };
  /** Value on RDS replicas, which run reports: few long statements instead of many short ones. */
  readonly awsReplica?: { readonly value: Computed; readonly why: string };
}

/** Restriction of a stack's parameter overrides. */
export interface OverrideLimit extends ProblemReason {
  readonly accepts: (value: ParameterValue) => boolean;
}

/** Only allowed value of a parameter, and why. */
export interface ForcedValue {
  readonly value: string;
  readonly why: string;
}
