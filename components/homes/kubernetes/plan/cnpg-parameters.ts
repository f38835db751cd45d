import { limitRefusal, tunedFacts } from "../../../parameters/formulas/tuned-parameters";
import { type MajorVersion, ParameterError, parseSetting } from "../../../parameters/parameters";
import type { ParameterValue } from "../../../parameters/known/parameter-facts";
import { unquoted } from "../../../parameters/known/notation";
import type { Problem, Refusal } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/setting-key";
import type { ClusteredDatabase } from "./cluster-stack";
import { settingsName } from "../../../settings/plan/database-settings";
import stored from "./cnpg-parameters.json";

/**
 * What the operator does with a parameter that is its own. Its webhook refuses the first two alike: `fixed` ones it
 * sets, `blocked` ones have to stay as they are. What is `overwritten` it takes, and puts its own value over it.
 */
interface OwnedParameter {
  readonly kind: "fixed" | "blocked" | "overwritten";
  readonly why: string;
}

// A JSON module's words are plain strings to the compiler; a test compares the names with the operator's.
/** The parameters that CloudNativePG keeps to itself, as of the version in the data file. */
export const operatorParameters = new Map(
  Object.entries(stored.parameters as Record<string, OwnedParameter>),
);

/** The computed parameters as the operator takes them: texts, without those that are its own. */
export function clusterParameters(plan: Pick<ServerPlan, "parameters">): Record<string, string> {
  return Object.fromEntries(
    plan.parameters
      .filter(({ name }) => !operatorParameters.has(name))
      .map(({ name, setting }) => [name, setting]),
  );
}

/** A stack's own parameters that the operator would refuse, override, or be harmed by. */
export function parameterProblems(cluster: ClusteredDatabase): readonly Problem[] {
  const { database, majorVersion, parameters, instances } = cluster;
  return Object.entries(parameters).flatMap(([given, value]) => {
    // PostgreSQL takes a name in any case.
    const name = given.toLowerCase();
    const own = operatorParameters.get(name);
    const refused =
      own === undefined
        ? harmful(name, read(majorVersion, name, value), instances - 1)
        : { allowed: "not set: the operator controls this parameter", why: own.why };
    if (refused === undefined) return [];
    const key = settingKey([settingsName(database), "parameters", given]);
    return [{ key, value: String(value), ...refused }];
  });
}

/** A value as the server reads it; as it is given where the server cannot. */
function read(major: MajorVersion, name: string, given: ParameterValue): ParameterValue {
  try {
    return parseSetting(major, name, unquoted(String(given)), "compression");
  } catch (error) {
    if (error instanceof ParameterError) return given;
    throw error;
  }
}

/** Values that the server takes and a cluster of the operator's cannot live with. */
function harmful(name: string, value: ParameterValue, standbys: number): Refusal | undefined {
  if (name === "wal_log_hints" && standbys > 0 && value === false) {
    return {
      allowed: "on, with stand-bys",
      why: "the operator rewinds a former primary after a failover, and pg_rewind needs the hints",
    };
  }
  return limitRefusal(LIMITS.get(name), value);
}

const LIMITS = tunedFacts(({ kubernetes }) => kubernetes);
