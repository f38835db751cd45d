import type { Node } from "@pgsql/types";
import type { ParsedStatement } from "../parsed";
import { type NodeOf, nodesOf, textOf } from "../../components/sql-text/parse-tree";
import { joinedName, typeText } from "../../components/sql-text/sql-names";
import type { FunctionModel, Schema } from "./schema";

/** Modes of result parameters, which are not part of a function's identity. */
const RESULTS = ["FUNC_PARAM_OUT", "FUNC_PARAM_TABLE"];

/** `create function` and `create procedure`. */
export function addFunction(
  schema: Schema,
  { file, line }: ParsedStatement,
  node: NodeOf<"CreateFunctionStmt">,
): void {
  const name = joinedName(node.funcname);
  const bare: FunctionModel = {
    name,
    place: { file, line },
    definer: false,
    hasSecurityClause: false,
    searchPath: undefined,
  };
  schema.functions.set(signature(name, node.parameters), withOptions(bare, node.options));
}

export function alterFunction(schema: Schema, node: NodeOf<"AlterFunctionStmt">): void {
  for (const key of functionKeys(schema, node.func)) {
    const found = schema.functions.get(key);
    if (found !== undefined) schema.functions.set(key, withOptions(found, node.actions));
  }
}

/** The functions that `name(types)` means; without types, all functions of that name. */
export function functionKeys(
  schema: Schema,
  object: NodeOf<"ObjectWithArgs"> | undefined,
): readonly string[] {
  const name = joinedName(object?.objname);
  const exact = signature(name, object?.objfuncargs);
  return [...schema.functions]
    .filter(([key, { name: of }]) =>
      object?.args_unspecified === true ? of === name : key === exact,
    )
    .map(([key]) => key);
}

function signature(name: string, parameters: readonly Node[] | undefined): string {
  const types = nodesOf("FunctionParameter", parameters)
    .filter(({ mode = "" }) => !RESULTS.includes(mode))
    .map(({ argType }) => typeText(argType));
  return `${name}(${types.join(", ")})`;
}

function withOptions(before: FunctionModel, options: readonly Node[] | undefined): FunctionModel {
  return nodesOf("DefElem", options).reduce((model, { defname, arg }): FunctionModel => {
    if (arg !== undefined && defname === "security" && "Boolean" in arg) {
      return { ...model, hasSecurityClause: true, definer: arg.Boolean.boolval ?? false };
    }
    if (arg === undefined || defname !== "set" || !("VariableSetStmt" in arg)) return model;
    return withSetting(model, arg.VariableSetStmt);
  }, before);
}

function withSetting(
  model: FunctionModel,
  { kind, name, args }: NodeOf<"VariableSetStmt">,
): FunctionModel {
  if (kind === "VAR_RESET_ALL") return { ...model, searchPath: undefined };
  if (name !== "search_path") return model;
  const searchPath =
    kind === "VAR_SET_VALUE" ? (args ?? []).map((each) => textOf(each) ?? "") : undefined;
  return { ...model, searchPath };
}
