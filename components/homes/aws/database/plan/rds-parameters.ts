import type { ParameterEntry } from "../../../../parameters/formulas/parameter-entry";
import { collectTunedFacts } from "../../../../parameters/formulas/tuned-parameters";
import {
  type MajorVersion,
  majorVersions,
  parameterFacts,
} from "../../../../parameters/parameters";
import type { ParameterValue } from "../../../../parameters/known/parameter-facts";
import stored from "./rds-parameters.json";

/** When RDS applies a value: at once, or at the next restart. */
export type ApplyMethod = "immediate" | "pending-reboot";

/** RDS's facts about a parameter that a custom parameter group may set. */
export interface RdsParameter {
  /** A static parameter needs a restart. */
  readonly apply: "static" | "dynamic";
  /** Key of the source in the data file. */
  readonly source: string;
  /** Value in RDS's default parameter group. */
  readonly default?: string;
}

/** Parameters that RDS lets users set: all that this program sets, and others that a stack may set. */
export const rdsParameters: ReadonlyMap<string, RdsParameter> = new Map([
  // The compiler sees strings of a JSON module as plain strings; tests compare them with PostgreSQL's own.
  ...Object.entries(stored.modifiable as Record<string, RdsParameter>),
  ...collectTunedFacts(tunedParameter),
]);

/** Parameters that RDS does not let users set, with the reason. */
export const reservedParameters: ReadonlyMap<string, string> = new Map([
  ...Object.entries(stored.kept),
  ...collectTunedFacts(({ aws }) => aws?.leftOut),
]);

/** Static if any supported PostgreSQL version needs a restart for it: no list of RDS says otherwise. */
function tunedParameter(
  { workload, since = 16, aws }: ParameterEntry,
  name: string,
): RdsParameter | undefined {
  if (workload === "time-series" || aws?.leftOut !== undefined) return undefined;
  const versions = majorVersions.filter((major) => major >= since);
  const restarts = versions.some((major) => parameterFacts(major, name).restart);
  const own = aws?.default === undefined ? {} : { default: aws.default };
  return { apply: restarts ? "static" : "dynamic", source: "tuned", ...own };
}

/** Values that RDS accepts for a parameter, where it accepts fewer than PostgreSQL. */
export const rdsEnumValues = collectTunedFacts(({ aws }) => aws?.words);

/** A value in a parameter group's form: numbers in PostgreSQL's unit, booleans as 1 and 0, enums in RDS's spelling. */
export function rdsValue(name: string, value: ParameterValue): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  const text = String(value);
  return rdsEnumValues.get(name)?.find((word) => word.toLowerCase() === text.toLowerCase()) ?? text;
}

/**
 * Apply method of a value. Static parameters wait for a restart. A value that equals RDS's default also gets
 * pending-reboot: the provider reads it back so, and there is nothing to apply.
 */
export function applyMethod(name: string, value: string, major: MajorVersion): ApplyMethod {
  const known = rdsParameters.get(name);
  const isStatic = known ? known.apply === "static" : parameterFacts(major, name).restart;
  return isStatic || known?.default === value ? "pending-reboot" : "immediate";
}
