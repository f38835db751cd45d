import type { DatabaseDrift } from "./database-drift";
import type { Plan } from "../../engine/engine";
import { databaseGaps, type Gap } from "./report-databases";
import { changesOf } from "./report-plan";
import { compact } from "../../components/text/present";
import { npmCommand } from "../../engine/read-outputs";

/** Takes the place of a plan that the engine could not make. */
export interface NoPlan extends Pick<Plan, "engine" | "stack"> {
  /** Why. */
  readonly cause: string;
}

/** The result of a drift check. */
export interface DriftCheck {
  readonly plan: Plan | NoPlan;
  readonly databases: readonly DatabaseDrift[];
}

export function isPlan(plan: Plan | NoPlan): plan is Plan {
  return "resources" in plan;
}

/** Whether any resource or database differs. */
export function hasDrift({ plan, databases }: DriftCheck): boolean {
  return (
    (isPlan(plan) && changesOf(plan).length > 0) ||
    databases.some(({ schema, roles }) => schema.differences.length + roles.differences.length > 0)
  );
}

/** The parts that were not compared. If there are none, the check is complete. */
export function gapsOf({ plan, databases }: DriftCheck): readonly Gap[] {
  const none: Gap = {
    what: "no database was compared",
    why: "the stack has no outputs: its first `up` did not finish",
  };
  return [
    ...(databases.length === 0 ? [none] : []),
    ...databases.flatMap((each) => databaseGaps("drift", each)),
    ...(isPlan(plan)
      ? plan.unchecked.map((why) => ({ what: "a part of the plan was not checked", why }))
      : [{ what: "the stack's resources were not compared", why: plan.cause }]),
  ];
}

/** The last lines of a drift check. */
export function conclusion(check: DriftCheck): readonly string[] {
  const gaps = [...new Set(gapsOf(check).map(({ what }) => what))];
  const found = hasDrift(check);
  return compact(
    found && "Drift found. Nothing was changed.",
    gaps.length > 0 &&
      `Drift check incomplete: ${gaps.join("; ")}. ` +
        `Fix the cause above and run \`${npmCommand("drift", check.plan.stack)}\` again.`,
    !found && gaps.length === 0 && "No drift.",
  );
}
