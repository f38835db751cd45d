import { overrideRefusal, collectTunedFacts } from "../../../parameters/formulas/tuned-parameters";
import { type MajorVersion, ParameterError, parseSetting } from "../../../parameters/parameters";
import type { ParameterValue } from "../../../parameters/known/parameter-facts";
import { unquoteValue } from "../../../parameters/known/notation";
import type { Problem, ProblemReason } from "../../../text/problem";
import type { ServerPlan } from "../../plan/server-plan";
import { settingKey } from "../../../settings/plan/setting-key";
import type { ClusteredDatabase } from "./cluster-stack";
import { settingsGroup } from "../../../settings/plan/database-settings";
import stored from "./cnpg-parameters.json";

/**
 * A parameter that the operator controls. Its webhook rejects `fixed` and `blocked` alike: it sets the former itself,
 * and the latter must keep their defaults. It accepts `overwritten` ones and replaces their values.
 */
interface OwnedParameter {
  readonly kind: "fixed" | "blocked" | "overwritten";
  readonly why: string;
}

// TypeScript types strings of a JSON module as plain strings; a test compares the names with the operator's.
/** Parameters that CloudNativePG controls, as of the version in the data file. */
export const operatorParameters = new Map(
  Object.entries(stored.parameters as Record<string, OwnedParameter>),
);

/** The computed parameters as the operator accepts them: strings, without the parameters it controls. */
export function clusterParameters(plan: Pick<ServerPlan, "parameters">): Record<string, string> {
  return Object.fromEntries(
    plan.parameters
      .filter(({ name }) => !operatorParameters.has(name))
      .map(({ name, setting }) => [name, setting]),
  );
}

/** Problems of user-set parameters that the operator would reject or override, or that would harm a cluster. */
export function parameterProblems(cluster: ClusteredDatabase): readonly Problem[] {
  const { database, majorVersion, parameters, instances } = cluster;
  return Object.entries(parameters).flatMap(([given, value]) => {
    // PostgreSQL parameter names are case-insensitive.
    const name = given.toLowerCase();
    const own = operatorParameters.get(name);
    const refused =
      own === undefined
        ? harmfulValue(name, parseValue(majorVersion, name, value), instances - 1)
        : { allowed: "not set: the operator controls this parameter", why: own.why };
    if (refused === undefined) return [];
    const key = settingKey([settingsGroup(database), "parameters", given]);
    return [{ key, value: String(value), ...refused }];
  });
}

/** Parses a value as the server would; returns it unchanged if that fails. */
function parseValue(major: MajorVersion, name: string, given: ParameterValue): ParameterValue {
  try {
    return parseSetting(major, name, unquoteValue(String(given)), "compression");
  } catch (error) {
    if (error instanceof ParameterError) return given;
    throw error;
  }
}

/** Refusal of a value that PostgreSQL accepts but a CloudNativePG cluster cannot work with. */
function harmfulValue(
  name: string,
  value: ParameterValue,
  standbys: number,
): ProblemReason | undefined {
  if (name === "wal_log_hints" && standbys > 0 && value === false) {
    return {
      allowed: "on, with stand-bys",
      why: "the operator rewinds a former primary after a failover, and pg_rewind needs the hints",
    };
  }
  return overrideRefusal(LIMITS.get(name), value);
}

const LIMITS = collectTunedFacts(({ kubernetes }) => kubernetes);
