/** Rows and panels of dashboards, before they are rendered for Grafana or as a page. */
import { OBJECTIVE_METRIC } from "./alert-rules";
import { objectivesOf, OBJECTIVES, type Overrides } from "./catalogue";
import type { Objective, Unit } from "./objective";

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

/** A panel to be drawn; one of an objective shows its limits, and links to its runbook. */
interface Panel extends MetricPanel {
  readonly objective?: Objective;
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

/** @param overrides the stack's own limits */
export function panelOf(panel: string | MetricPanel, overrides?: Overrides): Panel {
  if (typeof panel !== "string") return panel;
  const objective = findObjective(panel, overrides);
  const { title, unit, subjects } = objective;
  const selector = subjects.includes("pool") ? SELECTED_POOL : SELECTED;
  return {
    title: `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    unit,
    queries: [
      {
        expr: `${OBJECTIVE_METRIC}{${selector},objective="${panel}"}`,
        legend:
          "{{server}} {{entry}}{{table_name}}{{volume}}{{job_name}}{{hypertable}}{{aggregate}}",
      },
    ],
    objective,
  };
}

function findObjective(name: string, overrides: Overrides | undefined): Objective {
  const subject = OBJECTIVES.find((each) => each.name === name)?.subjects[0];
  const found =
    subject && objectivesOf(subject, overrides).find((objective) => objective.name === name);
  if (!found) throw new Error(`a dashboard shows the objective ${name}, which does not exist`);
  return found;
}

/** The query as Grafana sends it, for all servers of one stack. */
export function queryOfStack(expr: string, stack: string): string {
  return (
    expr
      // Four readings of the server that is read least often.
      .replaceAll("$__rate_interval", "4m")
      .replaceAll("$stack", stack)
      .replaceAll("$database", ".*")
      .replaceAll("$server", ".*")
  );
}
