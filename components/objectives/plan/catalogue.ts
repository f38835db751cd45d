import { auditObjectives } from "./audit-objectives";
import { backupObjectives } from "./backup-objectives";
import { goalObjectives } from "./goal-objectives";
import { machineObjectives } from "./machine-objectives";
import { isMeasured, type MeasuredObjective, type Objective, type Subject } from "./objective";
import { poolObjectives } from "./pool-objectives";
import { replicationObjectives } from "./replication-objectives";
import { serverObjectives } from "./server-objectives";

/**
 * All objectives. Alert rules, CloudWatch alarms, `npm run status`, the table in docs/monitoring.md and the names of
 * `monitoring.objectives` are derived from them. To add one, add it to the list of its topic in this directory, its
 * metric to a query in `sql/queries/metrics`, and its page to `docs/runbooks`. One without `measure` also needs an alarm
 * in `components/homes/aws/monitoring/plan`.
 */
export const OBJECTIVES: readonly Objective[] = [
  ...goalObjectives,
  ...serverObjectives,
  ...replicationObjectives,
  ...auditObjectives,
  ...poolObjectives,
  ...machineObjectives,
  ...backupObjectives,
];

/** Limits of an objective that replace those of the catalogue. */
export type Limits = Partial<Record<"target" | "critical", number | undefined>>;

/** Limits from the stack's settings, by the objective's name. */
export type Overrides = Readonly<Record<string, Limits | undefined>>;

/** The objective with other limits. */
export function withLimits<Any extends Objective>(objective: Any, limits: Limits = {}): Any {
  const { target = objective.target, critical = objective.critical } = limits;
  return {
    ...objective,
    ...(target === undefined ? {} : { target }),
    ...(critical === undefined ? {} : { critical }),
  };
}

/** The objectives of a subject that exporters measure, with the stack's own limits. */
export function objectivesOf(
  subject: Subject,
  overrides: Overrides = {},
): readonly MeasuredObjective[] {
  return OBJECTIVES.filter(isMeasured)
    .filter(({ subjects }) => subjects.includes(subject))
    .map((objective) => withLimits(objective, overrides[objective.name]));
}

/** The objective with this name. @throws Error if the catalogue has none */
export function objectiveNamed(name: string): Objective {
  const found = OBJECTIVES.find((each) => each.name === name);
  if (!found) throw new Error(`the catalogue has no objective ${name}`);
  return found;
}
