import type { ParameterEntry } from "../../../../parameters/formulas/parameter-entry";
import { tunedFacts } from "../../../../parameters/formulas/tuned-parameters";
import {
  type MajorVersion,
  majorVersions,
  parameterFacts,
} from "../../../../parameters/parameters";
import type { ParameterValue } from "../../../../parameters/known/parameter-facts";
import stored from "./rds-parameters.json";

/** When RDS applies a value: to the running server, or when it starts the next time. */
export type ApplyMethod = "immediate" | "pending-reboot";

/** What RDS says of a parameter that a group of one's own may set. */
export interface RdsParameter {
  /** Only a start of the server applies a static one. */
  readonly apply: "static" | "dynamic";
  /** Which of the data file's sources says so. */
  readonly source: string;
  /** The value that RDS's own group has. */
  readonly default?: string;
}

/** Parameters whose classification was looked up: those that this stack sets, and some of a person's. */
export const rdsParameters: ReadonlyMap<string, RdsParameter> = new Map([
  // A JSON module's words are plain strings to the compiler; the tests compare each with PostgreSQL's own.
  ...Object.entries(stored.modifiable as Record<string, RdsParameter>),
  ...tunedFacts(onRds),
]);

/** Parameters that RDS keeps to itself, with the reason. */
export const keptParameters: ReadonlyMap<string, string> = new Map([
  ...Object.entries(stored.kept),
  ...tunedFacts(({ aws }) => aws?.leftOut),
]);

/** Static if a supported version of PostgreSQL takes it at a start alone: no list of RDS is known to say otherwise. */
function onRds(
  { workload, since = 16, aws }: ParameterEntry,
  name: string,
): RdsParameter | undefined {
  if (workload === "time-series" || aws?.leftOut !== undefined) return undefined;
  const versions = majorVersions.filter((major) => major >= since);
  const restarts = versions.some((major) => parameterFacts(major, name).restart);
  const own = aws?.default === undefined ? {} : { default: aws.default };
  return { apply: restarts ? "static" : "dynamic", source: "tuned", ...own };
}

/** Words that RDS takes for a parameter, where it takes fewer than PostgreSQL. */
export const rdsWords = tunedFacts(({ aws }) => aws?.words);

/** A value as a parameter group holds it: numbers in PostgreSQL's own unit, switches as 1 and 0, words as RDS spells them. */
export function rdsValue(name: string, value: ParameterValue): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  const text = String(value);
  return rdsWords.get(name)?.find((word) => word.toLowerCase() === text.toLowerCase()) ?? text;
}

/**
 * How RDS is to apply a value. A static parameter waits for a start. So is a value said to that RDS's own group has
 * already: it is read back like that, and there is nothing to apply.
 */
export function applyMethod(name: string, value: string, major: MajorVersion): ApplyMethod {
  const known = rdsParameters.get(name);
  const isStatic = known ? known.apply === "static" : parameterFacts(major, name).restart;
  return isStatic || known?.default === value ? "pending-reboot" : "immediate";
}
