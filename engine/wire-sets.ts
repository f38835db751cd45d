import { type WireObject, isList, isObject } from "./wire";

/** Lists of a type's inputs whose order means nothing, with the key that names a member. */
const SETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "aws:rds/parameterGroup:ParameterGroup": { parameters: "name" },
};

/** Whether an input of a type is such a list. */
export function isSet(type: string, input: string): boolean {
  return SETS[type]?.[input] !== undefined;
}

/**
 * Inputs as two of a type are compared: by the names of a set's members and not by their places. What is told of a
 * change then says `parameters.work_mem.value`, and a new member moves no others.
 */
export function comparable(type: string, inputs: WireObject): WireObject {
  const sets = Object.entries(SETS[type] ?? {}).flatMap(([input, key]): [string, WireObject][] => {
    const list = inputs[input];
    if (!isList(list)) return [];
    const members = list.flatMap((member): [string, WireObject][] => {
      if (!isObject(member)) return [];
      const { [key]: name, ...rest } = member;
      return typeof name === "string" ? [[name, rest]] : [];
    });
    // What has no name, or one that is not known yet, cannot be told apart.
    return members.length === list.length ? [[input, Object.fromEntries(members)]] : [];
  });
  return { ...inputs, ...Object.fromEntries(sets) };
}
