import { type WireObject, isList, isObject } from "./wire";

/** By type, the input that is an unordered list, whose members are identified by their `name`. */
const SETS: Readonly<Record<string, string>> = {
  "aws:rds/parameterGroup:ParameterGroup": "parameters",
};

/** Whether an input of a type is an unordered list. */
export function isSet(type: string, input: string): boolean {
  return SETS[type] === input;
}

/**
 * Prepares inputs for a comparison: members of a set are keyed by name instead of by index. A change then reads
 * `parameters.work_mem.value`, and a new member does not shift the others.
 */
export function comparableInputs(type: string, inputs: WireObject): WireObject {
  const input = SETS[type] ?? "";
  const list = inputs[input];
  if (!isList(list)) return inputs;
  const members = list.flatMap((member): [string, WireObject][] => {
    if (!isObject(member)) return [];
    const { name, ...rest } = member;
    return typeof name === "string" ? [[name, rest]] : [];
  });
  // A member without a name, or with a name that is not known yet, cannot be identified.
  if (members.length < list.length) return inputs;
  return { ...inputs, [input]: Object.fromEntries(members) };
}
