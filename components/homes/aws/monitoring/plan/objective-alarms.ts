import { catalogueEntry, type Overrides, withLimits } from "../../../../objectives/plan/catalogue";
import { limitOf, type Severity } from "../../../../objectives/plan/objective";
import type { Alarm, Watch } from "./alarm-definition";

const SEVERITIES: readonly Severity[] = ["warning", "critical"];

/**
 * The alarms on an objective: one for each of its limits.
 * @param overrides the stack's own limits
 */
export function alarmsOn(watch: Watch, overrides: Overrides): readonly Alarm[] {
  const { name, measure, condition } = watch;
  const usual = withLimits(catalogueEntry(watch.objective), watch.limits);
  const objective = withLimits(usual, overrides[usual.name]);
  const side = watch.side ?? (objective.good === "above" ? "below" : "above");
  const limited = SEVERITIES.filter((severity) => limitOf(usual, severity) !== undefined);
  return SEVERITIES.flatMap((severity) => {
    const limit = limitOf(objective, severity);
    if (limit === undefined) return [];
    const fires = condition(limit, severity);
    // The name of an existing alarm does not depend on the stack's own limits.
    const single = limited.length === 1 && limited.includes(severity);
    return [
      {
        watch,
        measure,
        missingData: objective.missingIsBad ? ("breaching" as const) : ("missing" as const),
        ...fires,
        // Without the noise of binary fractions, such as 2.4000000000000004.
        threshold: Number(fires.threshold.toPrecision(15)),
        name: single ? name : `${name}-${severity}`,
        severity,
        side,
        objective,
      },
    ];
  });
}

/** What is wrong, what to do, and the link to more. */
export function alarmDescription(
  { objective, watch }: Pick<Alarm, "objective" | "watch">,
  runbooks: string,
): string {
  return `${objective.summary} ${watch.action} Runbook: ${runbooks}/${objective.name}.md`;
}
