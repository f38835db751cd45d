import { diffInputs } from "../../engine/wire-diff";
import { comparableInputs, isSet } from "../../engine/wire-sets";
import type { WireObject } from "../../engine/wire";

const GROUP = "aws:rds/parameterGroup:ParameterGroup";

function paths(old: WireObject, next: WireObject, type = GROUP): readonly string[] {
  return diffInputs(comparableInputs(type, old), comparableInputs(type, next)).map(
    ({ path }) => path,
  );
}

const parameter = (name: string, value: string) => ({ name, value, applyMethod: "immediate" });
const group = (...parameters: readonly WireObject[]) => ({ family: "postgres18", parameters });

it("a diff identifies members of a set by their names", () => {
  const [a, b, c] = [parameter("a.b", "1"), parameter("b", "1"), parameter("c", "1")];
  expect(paths(group(a, c), group(c, a))).toEqual([]);
  expect(paths(group(a, c), group(a, b, c))).toEqual(["parameters.b"]);
  expect(paths(group(a, b), group({ ...a, value: "2" }, b))).toEqual(['parameters["a.b"].value']);
});

it("a diff compares other lists and other types by index", () => {
  const [a, b] = [parameter("a", "1"), parameter("b", "1")];
  expect(paths(group(a, b), group(b, a), "kubernetes:core/v1:Pod")).toEqual([
    "parameters[0].name",
    "parameters[1].name",
  ]);
  expect(comparableInputs(GROUP, { family: "x", parameters: ["a"] })).toEqual({
    family: "x",
    parameters: ["a"],
  });
  expect([isSet(GROUP, "parameters"), isSet(GROUP, "family"), isSet("x", "parameters")]).toEqual([
    true,
    false,
    false,
  ]);
});
