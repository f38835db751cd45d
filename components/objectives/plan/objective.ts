/** Objectives: figures of a database or pool, with the limits between good, poor and critical. */
import type { Expression } from "./expression";

/** What an objective is about: one of the databases' servers, or the connection pool. */
export type Subject = "sark" | "sark_audit" | "pool";

export type Unit = "bytes" | "count" | "perSecond" | "seconds" | "share";

export type Severity = "warning" | "critical";

/** An entry of the catalogue: a figure and its limits. */
export interface CatalogueEntry {
  /** Unique: lower-case letters, digits and hyphens. Key of `monitoring.objectives`, and name of the runbook. */
  readonly name: string;
  /** A phrase, for tables, dashboards and `npm run status`. */
  readonly title: string;
  readonly subjects: readonly Subject[];
  readonly unit: Unit;
  /** Side of its limits on which the value is good. */
  readonly good: "below" | "above";
  /** Beyond it, the objective is missed: a warning. In the unit; a share is between 0 and 1. @default - no alert */
  readonly target?: number;
  /** Beyond it, somebody has to act now. @default - never critical */
  readonly critical?: number;
  /** Seconds for which the value has to be beyond a limit before an alert fires: ignores brief spikes. */
  readonly lasts: number;
  /** True if a missing value is as bad as a critical one. @default false */
  readonly missingIsBad?: boolean;
  /** State and consequence in an operator's words, one line. */
  readonly summary: string;
  /** Named query that shows what is behind the value. @default - no query does */
  readonly query?: string;
  /** Source or reason of the limits. */
  readonly reason: string;
}

/** An entry that exporters measure. The others are measured only by the service below a server, such as CloudWatch. */
export interface Objective extends CatalogueEntry {
  readonly measure: Expression;
  /**
   * True for a share of good events. Alerts then fire by the speed at which the share of bad events that the target
   * allows is used up, over two windows each.
   */
  readonly budget?: boolean;
  /** Part of a server without which the objective says nothing. @default - every server has it */
  readonly needs?: Need;
}

/** Limit beyond which an objective's alert of a severity fires. */
export function limitOf(
  { target, critical }: Pick<CatalogueEntry, "target" | "critical">,
  severity: Severity,
): number | undefined {
  return severity === "critical" ? critical : target;
}

/** Parts inside of servers, which SQL measures. */
const INNER_NEEDS = ["backgroundJobs", "replicas", "statistics"] as const;

/** Parts around servers and pool, which other exporters measure in some homes. */
export const OUTER_NEEDS = ["backups", "certificates", "drills", "dumps", "volumes"] as const;

/** Parts that not every server has. */
export const NEEDS = [...INNER_NEEDS, ...OUTER_NEEDS] as const;

export type Need = (typeof NEEDS)[number];

/** A part around servers and pool. */
export type OuterNeed = (typeof OUTER_NEEDS)[number];

/** The parts inside of a server. */
export function partsOf(lacks: readonly Need[], replicas: number): readonly Need[] {
  return INNER_NEEDS.filter(
    (need) => !lacks.includes(need) && (need !== "replicas" || replicas > 0),
  );
}

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const BOTH = ["sark", "sark_audit"] as const satisfies readonly Subject[];
