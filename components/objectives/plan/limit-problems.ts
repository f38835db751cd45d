import { settingKey } from "../../settings/plan/setting-key";
import type { Problem } from "../../text/problem";
import { catalogueEntry, type Limits, OBJECTIVES, type Overrides, withLimits } from "./catalogue";
import { valueText } from "./readable-value";

/**
 * Problems of a stack's own limits: a share that is none, a negative value, and a critical limit on the good side of the
 * target.
 * @param usual limits that a home has in place of the catalogue's
 */
export function limitProblems(overrides: Overrides, usual: Overrides = {}): readonly Problem[] {
  return Object.entries(overrides).flatMap(([name, limits = {}]) => {
    const entry = withLimits(catalogueEntry(name), usual[name]);
    if (OBJECTIVES.some((each) => each.name === name && each.budget)) {
      return budgetProblems(name, limits);
    }
    const { good, unit, target, critical } = withLimits(entry, limits);
    const key = (limit: string): string => limitKey(name, limit);
    const outside = (["target", "critical"] as const).flatMap((limit) => {
      const value = limits[limit];
      const most = unit === "share" ? 1 : Infinity;
      if (value === undefined || (value >= 0 && value <= most)) return [];
      const allowed = unit === "share" ? "a number from 0 to 1" : "0 or more";
      const why = unit === "share" ? "it is a share: 0.8 is 80 %" : "no such figure is negative";
      return [{ key: key(limit), value, allowed, why }];
    });
    if (outside.length > 0 || target === undefined || critical === undefined) return outside;
    const isBeyond = good === "below" ? critical >= target : critical <= target;
    if (isBeyond) return [];
    const given = limits.critical === undefined ? "target" : "critical";
    const other = given === "target" ? critical : target;
    const least = (given === "critical") === (good === "below");
    return [
      {
        key: key(given),
        value: limits[given] ?? 0,
        allowed: `${least ? "at least" : "at most"} ${other}`,
        why:
          `${given === "target" ? "the critical limit" : "the target"} is ${valueText(other, unit)}, and a value ` +
          "has to miss the target before it is critical",
      },
    ];
  });
}

function limitKey(name: string, limit: string): string {
  return settingKey(["monitoring", "objectives", name, limit]);
}

/** With a smaller target, 14.4 times the share that may be bad would be more than all. */
const LEAST_BUDGET_TARGET = 0.931;

/** An objective with a budget alerts by the speed of its use, so it has a target only. */
function budgetProblems(name: string, { target, critical }: Limits): readonly Problem[] {
  const isTarget = target === undefined || (target >= LEAST_BUDGET_TARGET && target < 1);
  return [
    ...(isTarget
      ? []
      : [
          {
            key: limitKey(name, "target"),
            value: target,
            allowed: `a number from ${LEAST_BUDGET_TARGET} to below 1`,
            why: "its alert fires at 14.4 times the share that may be bad, which must be possible",
          },
        ]),
    ...(critical === undefined
      ? []
      : [
          {
            key: limitKey(name, "critical"),
            value: critical,
            allowed: "a target only",
            why: "its alerts fire by the speed at which the share that may be bad is used up",
          },
        ]),
  ];
}
