import type { Node } from "@pgsql/types";
import type { ParsedStatement, Place } from "../database";
import { type NodeOf, names, normalised } from "../walk";
import { dotted, relationName } from "./names";
import type { Index, IndexKey, Name, Schema } from "./schema";

/** What PostgreSQL takes where `using` is left out. */
const DEFAULT_METHOD = "btree";

/** `create index`. */
export function addIndex(
  schema: Schema,
  statement: ParsedStatement,
  node: NodeOf<"IndexStmt">,
): void {
  const table = relationName(node.relation);
  put(schema, {
    name: node.idxname,
    table,
    place: { file: statement.file, line: statement.line },
    unique: node.unique ?? false,
    method: node.accessMethod ?? DEFAULT_METHOD,
    keys: (node.indexParams ?? []).flatMap(keyOf),
    including: (node.indexIncludingParams ?? []).flatMap((each) => keyOf(each).map(valueOf)),
    predicate: node.whereClause === undefined ? undefined : normalised(node.whereClause),
    notNull: node.whereClause === undefined ? [] : notNullColumns(node.whereClause),
    constraint: undefined,
    deferrable: false,
    nullsNotDistinct: node.nulls_not_distinct ?? false,
  });
}

/** The index that a primary key or a unique constraint brings. */
export function addConstraintIndex(
  schema: Schema,
  table: Name,
  place: Place,
  node: NodeOf<"Constraint">,
  columns: readonly string[],
): void {
  const constraint = node.contype === "CONSTR_PRIMARY" ? "primary key" : "unique";
  if (node.indexname !== undefined) {
    // "using index": the index is there, and takes the name of the constraint.
    schema.indexes = schema.indexes.map((each) =>
      each.table === table && each.name === node.indexname
        ? { ...each, name: node.conname ?? node.indexname, constraint }
        : each,
    );
    return;
  }
  put(schema, {
    name: node.conname,
    table,
    place,
    unique: true,
    method: DEFAULT_METHOD,
    keys: columns.map(ascending),
    including: names(node.including),
    predicate: undefined,
    notNull: [],
    constraint,
    deferrable: node.deferrable ?? false,
    nullsNotDistinct: node.nulls_not_distinct ?? false,
  });
}

function put(schema: Schema, index: Index): void {
  schema.indexes = [...schema.indexes, index];
  if (index.name !== undefined) schema.indexTables.set(indexName(index), index.table);
}

/** An index lies in the schema of its table. */
export function indexName({ name = "", table }: Index): Name {
  return table.includes(".") ? `${table.slice(0, table.lastIndexOf("."))}.${name}` : name;
}

function keyOf(node: Node): readonly IndexKey[] {
  if (!("IndexElem" in node)) return [];
  const { name, expr, ordering, nulls_ordering, opclass, collation } = node.IndexElem;
  const descending = ordering === "SORTBY_DESC";
  return [
    {
      value: name ?? normalised(expr),
      descending,
      // Nulls sort as if they were larger than everything else.
      nullsFirst:
        nulls_ordering === "SORTBY_NULLS_FIRST" ||
        (nulls_ordering !== "SORTBY_NULLS_LAST" && descending),
      operatorClass: dotted(opclass),
      collation: dotted(collation),
    },
  ];
}

function ascending(column: string): IndexKey {
  return {
    value: column,
    descending: false,
    nullsFirst: false,
    operatorClass: "",
    collation: "",
  };
}

function valueOf({ value }: IndexKey): string {
  return value;
}

function notNullColumns(predicate: Node): readonly string[] | undefined {
  if ("BoolExpr" in predicate && predicate.BoolExpr.boolop === "AND_EXPR") {
    const all = (predicate.BoolExpr.args ?? []).map(notNullColumns);
    return all.some((each) => each === undefined) ? undefined : all.flatMap((each) => each ?? []);
  }
  if (!("NullTest" in predicate) || predicate.NullTest.nulltesttype !== "IS_NOT_NULL") {
    return undefined;
  }
  const { arg } = predicate.NullTest;
  return arg !== undefined && "ColumnRef" in arg ? [dotted(arg.ColumnRef.fields)] : undefined;
}
