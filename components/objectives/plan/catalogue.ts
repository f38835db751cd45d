import { auditObjectives } from "./audit-objectives";
import { backupObjectives, backupRunObjectives } from "./backup-objectives";
import { goalObjectives } from "./goal-objectives";
import { machineObjectives } from "./machine-objectives";
import type { CatalogueEntry, Objective, Subject } from "./objective";
import { poolObjectives } from "./pool-objectives";
import { replicationObjectives } from "./replication-objectives";
import { serverObjectives } from "./server-objectives";

/**
 * All objectives. The table in docs/monitoring.md, the names of `monitoring.objectives`, the runbooks and the alarms on
 * AWS are derived from them. To add one, add it to the list of its topic in this directory, its metric to a query in
 * `sql/queries/metrics`, and its page to `docs/runbooks`. One that exporters do not measure has an alarm in
 * `components/homes/aws/monitoring/plan`.
 */
export const CATALOGUE: readonly (CatalogueEntry | Objective)[] = [
  ...goalObjectives,
  ...serverObjectives,
  ...replicationObjectives,
  ...auditObjectives,
  ...backupRunObjectives,
  ...poolObjectives,
  ...machineObjectives,
  ...backupObjectives,
];

/** The objectives that exporters measure. Alert rules, `npm run status` and dashboards are derived from them. */
export const OBJECTIVES: readonly Objective[] = CATALOGUE.filter(
  (entry): entry is Objective => "measure" in entry,
);

/** Limits of an objective that replace those of the catalogue. */
export type Limits = Partial<Record<"target" | "critical", number | undefined>>;

/** Limits from the stack's settings, by the objective's name. */
export type Overrides = Readonly<Record<string, Limits | undefined>>;

/** The objective with other limits. */
export function withLimits<Any extends CatalogueEntry>(objective: Any, limits: Limits = {}): Any {
  const { target = objective.target, critical = objective.critical } = limits;
  return {
    ...objective,
    ...(target === undefined ? {} : { target }),
    ...(critical === undefined ? {} : { critical }),
  };
}

/** The objectives of a subject, with the stack's own limits. */
export function objectivesOf(subject: Subject, overrides: Overrides = {}): readonly Objective[] {
  return OBJECTIVES.filter(({ subjects }) => subjects.includes(subject)).map((objective) =>
    withLimits(objective, overrides[objective.name]),
  );
}

/** The entry with this name. @throws Error if there is none */
export function catalogueEntry(name: string): CatalogueEntry {
  const found = CATALOGUE.find((each) => each.name === name);
  if (!found) throw new Error(`the catalogue has no objective ${name}`);
  return found;
}
