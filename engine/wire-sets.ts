import { type WireObject, isList, isObject } from "./wire";

/** By type, the list among its inputs whose order means nothing, and whose members are told apart by their `name`. */
const SETS: Readonly<Record<string, string>> = {
  "aws:rds/parameterGroup:ParameterGroup": "parameters",
};

/** Whether an input of a type is such a list. */
export function isSet(type: string, input: string): boolean {
  return SETS[type] === input;
}

/**
 * Inputs as two of a type are compared: by the names of a set's members and not by their places. What is told of a
 * change then says `parameters.work_mem.value`, and a new member moves no others.
 */
export function comparable(type: string, inputs: WireObject): WireObject {
  const input = SETS[type] ?? "";
  const list = inputs[input];
  if (!isList(list)) return inputs;
  const members = list.flatMap((member): [string, WireObject][] => {
    if (!isObject(member)) return [];
    const { name, ...rest } = member;
    return typeof name === "string" ? [[name, rest]] : [];
  });
  // What has no name, or one that is not known yet, cannot be told apart.
  if (members.length < list.length) return inputs;
  return { ...inputs, [input]: Object.fromEntries(members) };
}
