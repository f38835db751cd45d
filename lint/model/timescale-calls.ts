import type { Node } from "@pgsql/types";
import type { ParsedStatement, Part } from "../parsed";
import { type NodeOf, names, nodesOf, textOf, walk } from "../../components/sql-text/parse-tree";
import { relationName } from "../../components/sql-text/sql-names";
import type { Name, PolicyKind, Schema } from "./schema";

/** Namespaces of TimescaleDB's options: `timescaledb.segmentby`. */
export const OPTION_NAMESPACES: readonly string[] = ["timescaledb", "tsdb"];

/** Policy kinds by the part of a function's name between `add_` or `remove_` and `_policy`. */
const POLICIES: Readonly<Record<string, PolicyKind>> = {
  columnstore: "columnstore",
  compression: "columnstore",
  retention: "retention",
  continuous_aggregate: "refresh",
};

/** Names of the parameter that holds a function's relation. */
const RELATIONS = ["relation", "main_table", "hypertable", "continuous_aggregate"];

/** Applies a statement's calls of TimescaleDB functions to the schema. */
export function applyCalls(schema: Schema, statement: ParsedStatement): void {
  walk(statement.node, {
    FuncCall: (call) => {
      applyCall(schema, statement.file, statement, call);
    },
  });
}

function applyCall(schema: Schema, file: string, part: Part, call: NodeOf<"FuncCall">): void {
  const name = names(call.funcname).at(-1) ?? "";
  const relation = textOf(argument(call, RELATIONS, 0)) ?? "";
  const [, verb, policy = ""] = /^(add|remove)_(\w+)_policy$/.exec(name) ?? [];
  const kind = POLICIES[policy];
  if (kind !== undefined) policiesOf(schema, relation)[verb === "add" ? "add" : "delete"](kind);
  if (name === "create_hypertable") {
    schema.hypertables.set(relation, {
      table: relation,
      columns: [columnOf(argument(call, ["dimension", "time_column_name"], 1))],
      place: { file, line: part.lineAt(call.location) },
    });
  }
  const hypertable = schema.hypertables.get(relation);
  if (name === "add_dimension" && hypertable !== undefined) {
    const column = columnOf(argument(call, ["dimension", "column_name"], 1));
    hypertable.columns = [...hypertable.columns, column];
  }
}

function policiesOf(schema: Schema, relation: Name): Set<PolicyKind> {
  const policies = schema.policies.get(relation) ?? new Set();
  schema.policies.set(relation, policies);
  return policies;
}

/** The column in `by_range('time')`, or in a string. */
function columnOf(node: Node | undefined): string {
  if (node === undefined || !("FuncCall" in node)) return textOf(node) ?? "";
  return textOf(argument(node.FuncCall, ["column_name"], 0)) ?? "";
}

function argument(
  { args = [] }: NodeOf<"FuncCall">,
  parameters: readonly string[],
  position: number,
): Node | undefined {
  const named = nodesOf("NamedArgExpr", args).find(({ name = "" }) => parameters.includes(name));
  const positional = args.filter((each) => !("NamedArgExpr" in each));
  return named?.arg ?? positional[position];
}

/** TimescaleDB's options in a list, by name. An option without a value is true. */
export function timescaleOptions(
  options: readonly Node[] | undefined,
): ReadonlyMap<string, string> {
  return new Map(
    nodesOf("DefElem", options)
      .filter(({ defnamespace = "" }) => OPTION_NAMESPACES.includes(defnamespace))
      .map(({ defname = "", arg }) => [defname, textOf(arg) ?? "true"]),
  );
}

/** `alter table ... set (timescaledb.enable_columnstore)`. */
export function applyOptions(schema: Schema, node: NodeOf<"AlterTableStmt">): void {
  const relation = relationName(node.relation);
  for (const { subtype, def } of nodesOf("AlterTableCmd", node.cmds)) {
    if (subtype !== "AT_SetRelOptions") continue;
    const options = timescaleOptions(def !== undefined && "List" in def ? def.List.items : []);
    const enabled = options.get("enable_columnstore") ?? options.get("compress");
    if (enabled === "true" || enabled === "on") schema.columnstores.add(relation);
    else if (enabled !== undefined) schema.columnstores.delete(relation);
  }
}

/** `create table ... with (tsdb.hypertable, tsdb.partition_column = 'time')`. */
export function applyTableOptions(
  schema: Schema,
  { file, line }: ParsedStatement,
  node: NodeOf<"CreateStmt">,
): void {
  const options = timescaleOptions(node.options);
  if (options.get("hypertable") !== "true") return;
  const table = relationName(node.relation);
  const columns = [options.get("partition_column") ?? ""];
  schema.hypertables.set(table, { table, columns, place: { file, line } });
}
