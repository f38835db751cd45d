/** Rows and panels of dashboards, before they are rendered as Grafana's JSON. */
import type { Unit } from "./objective";

/** A curve, or a set of curves, one for each series. */
interface Query {
  readonly expr: string;
  /** Grafana's legend format, such as `{{server}}`. */
  readonly legend: string;
}

/** A panel that shows metrics. One that shows an objective is given by the objective's name. */
export interface MetricPanel {
  readonly title: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

interface Row {
  /** A question that the row answers. */
  readonly question: string;
  readonly panels: readonly (string | MetricPanel)[];
}

export interface DashboardPlan {
  /** Unique, also among other dashboards of a Grafana. */
  readonly uid: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Matchers that a dashboard's variables fill in. */
export const SELECTED = 'stack=~"$stack",database=~"$database",server=~"$server"';

/** The pool has no database of its own to choose. */
export const SELECTED_POOL = 'stack=~"$stack",database="pool"';

/** Growth of a counter a second. */
export function perSecond(counter: string, selector = SELECTED): string {
  return `rate(${counter}{${selector}}[$__rate_interval])`;
}

export function metric(
  title: string,
  unit: Unit,
  ...queries: readonly (readonly [expr: string, legend: string])[]
): MetricPanel {
  return { title, unit, queries: queries.map(([expr, legend]) => ({ expr, legend })) };
}
