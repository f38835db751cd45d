import type { ParameterValue } from "../../../../parameters/known/parameter-facts";
import type { Problem } from "../../../../text/problem";
import type { ServerPlan } from "../../../plan/server-plan";
import { settingKey } from "../../../../settings/plan/setting-key";
import type { RdsSpec } from "../../plan/rds-stack";
import { hotStandbyParameters } from "../../../../parameters/formulas/tune";
import { forcedParameters } from "./group-parameters";
import { reservedParameters, rdsValue, rdsEnumValues } from "./rds-parameters";
import { serverParameters } from "./replica-parameters";

/** Problems of the stack's own parameters that RDS reserves or this program forces. */
export function parameterProblems({ parameters, rds }: RdsSpec): readonly Problem[] {
  return [
    ...refused(parameters, ["sark", "parameters"]),
    ...refused(rds.replica.parameters, ["sark", "rds", "replica", "parameters"]),
  ];
}

/** Problems of replica parameters below the primary's, where PostgreSQL requires at least the same. */
export function hotStandbyProblems(database: RdsSpec, primary: ServerPlan): readonly Problem[] {
  const own = serverParameters(database, "replica", primary);
  return Object.keys(database.rds.replica.parameters).flatMap((given) => {
    const name = given.toLowerCase();
    const theirs = primary.parameters.find((each) => each.name === name);
    const ours = own.find((each) => each.name === name);
    if (!hotStandbyParameters.includes(name) || !theirs || !ours) return [];
    if (Number(ours.value) >= Number(theirs.value)) return [];
    return [
      {
        key: settingKey(["sark", "rds", "replica", "parameters", given]),
        value: ours.setting,
        allowed: `at least ${theirs.setting}, as the primary has`,
        why: "a replica with a lower value refuses to start, as it could not replay the primary's WAL",
      },
    ];
  });
}

function refused(
  parameters: Readonly<Record<string, ParameterValue>>,
  path: readonly string[],
): readonly Problem[] {
  return Object.entries(parameters).flatMap(([given, value]) => {
    // Parameter names are case-insensitive.
    const name = given.toLowerCase();
    const refusal = refusalOf(name, value);
    return refusal ? [{ key: settingKey([...path, given]), value: String(value), ...refusal }] : [];
  });
}

function refusalOf(
  name: string,
  value: ParameterValue,
): Pick<Problem, "allowed" | "why"> | undefined {
  const force = Object.hasOwn(forcedParameters, name) ? forcedParameters[name] : undefined;
  if (force) return { allowed: `nothing: on RDS it is always ${force.value}`, why: force.why };
  const why = reservedParameters.get(name);
  if (why !== undefined) return { allowed: "nothing: RDS does not let users set it", why };
  const words = rdsEnumValues.get(name);
  if (words === undefined || words.includes(rdsValue(name, value))) return undefined;
  return { allowed: words.join(" or "), why: "RDS accepts no other value" };
}
