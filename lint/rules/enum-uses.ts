import type { Node } from "@pgsql/types";
import { relationName, typeText } from "../../components/sql-text/sql-names";
import type { Name, Schema } from "../model/schema";
import { type NodeOf, names, nodesOf, walk } from "../../components/sql-text/parse-tree";

/** Locations at which a statement uses an enum value. A string counts if a cast or a column ties it to the type. */
export function usesOfLabel(
  tree: unknown,
  schema: Schema,
  type: Name,
  label: string,
): readonly (number | undefined)[] {
  const columns = columnsOf(tree, schema, type);
  const uses: (number | undefined)[] = [];
  const add = (node: Node | undefined): void => {
    uses.push(
      ...literals(node)
        .filter(({ text }) => text === label)
        .map(({ at }) => at),
    );
  };
  const isOfType = (text: string): boolean => text.replace("[]", "") === type;
  const isColumn = (node: Node | undefined): boolean =>
    node !== undefined &&
    "ColumnRef" in node &&
    columns.has(names(node.ColumnRef.fields).at(-1) ?? "");
  const assigned = (targets: readonly Node[] | undefined): void => {
    for (const { name = "", val } of nodesOf("ResTarget", targets)) if (columns.has(name)) add(val);
  };
  const addConstraints = (constraints: readonly Node[] | undefined): void => {
    for (const { raw_expr } of nodesOf("Constraint", constraints)) add(raw_expr);
  };
  walk(tree, {
    TypeCast: ({ arg, typeName }) => {
      if (isOfType(typeText(typeName))) add(arg);
    },
    A_Expr: ({ lexpr, rexpr }) => {
      if (isColumn(lexpr)) add(rexpr);
      if (isColumn(rexpr)) add(lexpr);
    },
    CaseExpr: ({ arg, args }) => {
      if (!isColumn(arg)) return;
      for (const { expr } of nodesOf("CaseWhen", args)) add(expr);
    },
    UpdateStmt: ({ targetList }) => {
      assigned(targetList);
    },
    InsertStmt: (insert) => {
      assigned(insert.onConflictClause?.targetList);
      for (const value of insertedValues(insert, schema, columns)) add(value);
    },
    ColumnDef: ({ colname = "", constraints }) => {
      if (columns.has(colname)) addConstraints(constraints);
    },
    AlterTableCmd: ({ subtype, name = "", def }) => {
      if (subtype === "AT_ColumnDefault" && columns.has(name)) add(def);
    },
    CreateDomainStmt: ({ typeName, constraints }) => {
      if (isOfType(typeText(typeName))) addConstraints(constraints);
    },
  });
  return uses;
}

/** Names of columns of the type, in tables that a statement names or creates. */
function columnsOf(tree: unknown, schema: Schema, type: Name): ReadonlySet<string> {
  const found = new Set<string>();
  const isOfType = (text: string): boolean => text.replace("[]", "") === type;
  walk(tree, {
    RangeVar: (relation) => {
      const { columns } = schema.relations.get(relationName(relation)) ?? {};
      for (const column of columns?.values() ?? []) {
        if (isOfType(column.type)) found.add(column.name);
      }
    },
    ColumnDef: ({ colname = "", typeName }) => {
      if (isOfType(typeText(typeName))) found.add(colname);
    },
  });
  return found;
}

/** The values that an `insert` puts into columns of the type. */
function insertedValues(
  { relation, cols, selectStmt }: NodeOf<"InsertStmt">,
  schema: Schema,
  columns: ReadonlySet<string>,
): readonly Node[] {
  if (selectStmt === undefined || !("SelectStmt" in selectStmt)) return [];
  const all = [...(schema.relations.get(relationName(relation))?.columns.keys() ?? [])];
  const named = cols && nodesOf("ResTarget", cols).map(({ name }) => name ?? "");
  const ofType = (_: unknown, at: number): boolean => columns.has((named ?? all)[at] ?? "");
  const { valuesLists, targetList = [] } = selectStmt.SelectStmt;
  return [
    ...nodesOf("List", valuesLists).flatMap(({ items }) => (items ?? []).filter(ofType)),
    ...nodesOf("ResTarget", targetList.filter(ofType)).flatMap(({ val }) => val ?? []),
  ];
}

interface Literal {
  readonly text: string;
  readonly at: number | undefined;
}

/** The string constants that an expression, a list or an array can contain. */
function literals(node: Node | undefined): readonly Literal[] {
  if (node === undefined) return [];
  if ("A_Const" in node) {
    const { sval, location: at } = node.A_Const;
    if (sval === undefined) return [];
    const text = sval.sval ?? "";
    return [text, ...elements(text)].map((each) => ({ text: each, at }));
  }
  const inner = (list: readonly Node[] | undefined) => (list ?? []).flatMap(literals);
  if ("List" in node) return inner(node.List.items);
  if ("A_ArrayExpr" in node) return inner(node.A_ArrayExpr.elements);
  if ("CoalesceExpr" in node) return inner(node.CoalesceExpr.args);
  if ("CaseExpr" in node) {
    const { args, defresult } = node.CaseExpr;
    const results = nodesOf("CaseWhen", args).flatMap(({ result }) => literals(result));
    return [...results, ...literals(defresult)];
  }
  return [];
}

/** The elements of an array literal: `{a,b}`. */
function elements(text: string): readonly string[] {
  const [, inner] = /^\{(.*)\}$/.exec(text) ?? [];
  return inner === undefined ? [] : inner.split(",").map((each) => each.replace(/^"(.*)"$/, "$1"));
}
