import type { Node } from "@pgsql/types";
import type { ParsedStatement } from "../parsed";
import {
  type NodeOf,
  names,
  nodesOf,
  textWithoutPositions,
} from "../../components/sql-text/parse-tree";
import type { PendingConstraint } from "./schema";
import { indexColumnNames } from "./generated-names";
import { propagateIndex } from "./inheritance";
import { joinedName, relationName } from "../../components/sql-text/sql-names";
import { newIndexName } from "./new-names";
import type { Index, IndexKey, Name, Schema } from "./schema";

/** PostgreSQL's index method without `using`. */
const DEFAULT_METHOD = "btree";

/** `create index`. */
export function addIndex(
  schema: Schema,
  statement: ParsedStatement,
  node: NodeOf<"IndexStmt">,
): void {
  const table = relationName(node.relation);
  const name = node.idxname;
  const { indexParams = [], indexIncludingParams = [], whereClause } = node;
  const columnNames = indexColumnNames([...indexParams, ...indexIncludingParams]);
  const index: Index = {
    name: name ?? newIndexName(schema, table, undefined, columnNames),
    table,
    place: { file: statement.file, line: statement.line },
    unique: node.unique ?? false,
    method: node.accessMethod ?? DEFAULT_METHOD,
    keys: keysOf(indexParams),
    columnNames,
    including: keysOf(indexIncludingParams).map(({ value }) => value),
    ...restricted(whereClause),
    constraint: undefined,
    deferrable: false,
    nullsNotDistinct: node.nulls_not_distinct ?? false,
    inherited: false,
  };
  schema.indexes = [...schema.indexes, index];
  if (node.relation?.inh === true) propagateIndex(schema, index);
}

/** Adds the index of a primary key, a unique or an exclusion constraint. */
export function addConstraintIndex(schema: Schema, table: Name, pending: PendingConstraint): void {
  const { node, name, place, columns, excludesPartitions } = pending;
  const constraint = KINDS[node.contype ?? ""];
  if (node.indexname !== undefined) {
    // "using index": the index exists, and takes the name of the constraint.
    const index = schema.indexes.find(
      (each) => each.table === table && each.name === node.indexname,
    );
    if (index === undefined) return;
    index.name = name ?? node.indexname;
    index.constraint = constraint;
    return;
  }
  const excluded = nodesOf("List", node.exclusions).flatMap(({ items }) => items?.[0] ?? []);
  const including = names(node.including);
  const columnNames =
    constraint === "exclusion"
      ? indexColumnNames(excluded)
      : [...columns, ...including.filter((column) => !columns.includes(column))];
  const index: Index = {
    name: name ?? newIndexName(schema, table, constraint, columnNames),
    table,
    place,
    unique: constraint !== "exclusion",
    method: constraint === "exclusion" ? (node.access_method ?? DEFAULT_METHOD) : DEFAULT_METHOD,
    keys: constraint === "exclusion" ? keysOf(excluded) : columns.map(ascending),
    columnNames,
    including,
    ...restricted(node.where_clause),
    constraint,
    deferrable: node.deferrable ?? false,
    nullsNotDistinct: node.nulls_not_distinct ?? false,
    inherited: false,
  };
  schema.indexes = [...schema.indexes, index];
  if (!excludesPartitions) propagateIndex(schema, index);
}

const KINDS: Readonly<Record<string, NonNullable<Index["constraint"]>>> = {
  CONSTR_PRIMARY: "primary key",
  CONSTR_UNIQUE: "unique",
  CONSTR_EXCLUSION: "exclusion",
};

function keysOf(nodes: readonly Node[]): readonly IndexKey[] {
  return nodesOf("IndexElem", nodes).map((element) => {
    const { name, expr, ordering, nulls_ordering, opclass, collation } = element;
    const descending = ordering === "SORTBY_DESC";
    return {
      value: name ?? textWithoutPositions(expr),
      descending,
      // Nulls sort as the largest value.
      nullsFirst:
        nulls_ordering === "SORTBY_NULLS_FIRST" ||
        (nulls_ordering !== "SORTBY_NULLS_LAST" && descending),
      operatorClass: joinedName(opclass),
      collation: joinedName(collation),
    };
  });
}

function ascending(value: string): IndexKey {
  return { value, descending: false, nullsFirst: false, operatorClass: "", collation: "" };
}

/** The restriction on the rows of an index. */
function restricted(where: Node | undefined): Pick<Index, "predicate" | "notNull"> {
  if (where === undefined) return { predicate: undefined, notNull: [] };
  return { predicate: textWithoutPositions(where), notNull: notNullColumns(where) };
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
  return arg !== undefined && "ColumnRef" in arg ? [joinedName(arg.ColumnRef.fields)] : undefined;
}
