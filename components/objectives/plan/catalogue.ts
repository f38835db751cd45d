import { auditObjectives } from "./audit-objectives";
import { goalObjectives } from "./goal-objectives";
import type { Objective, Subject } from "./objective";
import { poolObjectives } from "./pool-objectives";
import { replicationObjectives } from "./replication-objectives";
import { serverObjectives } from "./server-objectives";

/**
 * All objectives. Alert rules, `npm run status`, the table in docs/monitoring.md and the names of
 * `monitoring.objectives` are derived from them. To add one, add it to the list of its topic in this directory, its
 * metric to a query in `sql/queries/metrics`, and its page to `docs/runbooks`.
 */
export const OBJECTIVES: readonly Objective[] = [
  ...goalObjectives,
  ...serverObjectives,
  ...replicationObjectives,
  ...auditObjectives,
  ...poolObjectives,
];

/** Limits that a stack's settings replace, by the objective's name. */
export type Overrides = Readonly<
  Record<string, Partial<Record<"target" | "critical", number | undefined>> | undefined>
>;

/** The objectives of a subject, with the stack's own limits. */
export function objectivesOf(subject: Subject, overrides: Overrides = {}): readonly Objective[] {
  return OBJECTIVES.filter(({ subjects }) => subjects.includes(subject)).map((objective) => {
    const { target = objective.target, critical = objective.critical } =
      overrides[objective.name] ?? {};
    return {
      ...objective,
      ...(target === undefined ? {} : { target }),
      ...(critical === undefined ? {} : { critical }),
    };
  });
}
