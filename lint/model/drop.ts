import type { SourceLine } from "../parsed";
import type { NodeOf } from "../../components/sql-text/parse-tree";
import { functionKeys } from "./functions";
import { childrenOf, isPartOf, partitionsOf, sameForeignKey, sameIndex } from "./inheritance";
import { objectName } from "../../components/sql-text/sql-names";
import { indexName } from "./table-indexes";
import type { ForeignKey, Index, Name, Schema } from "./schema";

export function drop(
  schema: Schema,
  place: SourceLine,
  { objects, removeType }: NodeOf<"DropStmt">,
): void {
  for (const object of objects ?? []) {
    const name = objectName(object);
    switch (removeType) {
      case "OBJECT_TABLE":
      case "OBJECT_VIEW":
      case "OBJECT_MATVIEW":
        dropRelation(schema, name);
        break;
      case "OBJECT_INDEX":
        dropIndexes(schema, place, (index) => indexName(index) === name);
        break;
      case "OBJECT_SEQUENCE":
        schema.sequences.delete(name);
        break;
      case "OBJECT_TYPE":
        schema.types.delete(name);
        break;
      case "OBJECT_FUNCTION":
      case "OBJECT_PROCEDURE":
      case "OBJECT_ROUTINE":
        if (!("ObjectWithArgs" in object)) break;
        for (const key of functionKeys(schema, object.ObjectWithArgs)) schema.functions.delete(key);
        break;
    }
  }
}

/** Drops a relation and its partitions. */
export function dropRelation(schema: Schema, name: Name): void {
  for (const partition of partitionsOf(schema, name)) dropRelation(schema, partition.name);
  schema.relations.delete(name);
  schema.hypertables.delete(name);
  schema.columnstores.delete(name);
  schema.policies.delete(name);
  schema.indexes = schema.indexes.filter(({ table }) => table !== name);
  schema.droppedIndexes = schema.droppedIndexes.filter(({ index }) => index.table !== name);
  schema.checks = schema.checks.filter(({ table }) => table !== name);
  dropSequences(schema, ({ table }) => table === name);
  schema.foreignKeys = schema.foreignKeys.filter(
    ({ table, referenced }) => table !== name && referenced !== name,
  );
}

/** `alter table ... drop constraint`. */
export function dropConstraint(schema: Schema, place: SourceLine, table: Name, name: string): void {
  const named = (each: { readonly table: Name; readonly name: string }): boolean =>
    each.table === table && each.name === name;
  dropIndexes(schema, place, (index) => index.constraint !== undefined && named(index));
  dropForeignKeys(schema, named);
  if (!schema.checks.some(named)) return;
  schema.checks = schema.checks.filter((each) => !named(each));
  for (const child of childrenOf(schema, table)) dropConstraint(schema, place, child.name, name);
}

/** Drops a column, and its indexes, constraints and sequences. */
export function dropColumn(schema: Schema, place: SourceLine, table: Name, column: string): void {
  schema.relations.get(table)?.columns.delete(column);
  dropIndexes(schema, place, (index) => index.table === table && isIn(column, index));
  dropForeignKeys(schema, (key) => key.table === table && key.columns.includes(column));
  schema.checks = schema.checks.filter(
    (check) => check.table !== table || !check.columns.includes(column),
  );
  dropSequences(schema, (owner) => owner.table === table && owner.column === column);
  for (const child of childrenOf(schema, table)) dropColumn(schema, place, child.name, column);
}

/** Whether an index uses a column. Expressions and predicates are JSON trees. */
function isIn(column: string, { keys, including, predicate = "" }: Index): boolean {
  const reference = `"fields":[{"String":{"sval":${JSON.stringify(column)}}}]`;
  return (
    keys.some(({ value }) => value === column || value.includes(reference)) ||
    including.includes(column) ||
    predicate.includes(reference)
  );
}

/** Drops indexes and their partitions' indexes. */
function dropIndexes(schema: Schema, place: SourceLine, matches: (index: Index) => boolean): void {
  for (const index of schema.indexes.filter(matches)) {
    schema.indexes = schema.indexes.filter((each) => each !== index);
    schema.droppedIndexes = [...schema.droppedIndexes, { index, place }];
    dropIndexes(schema, place, isPartOf(schema, index, sameIndex));
  }
}

function dropForeignKeys(schema: Schema, matches: (key: ForeignKey) => boolean): void {
  for (const key of schema.foreignKeys.filter(matches)) {
    schema.foreignKeys = schema.foreignKeys.filter((each) => each !== key);
    dropForeignKeys(schema, isPartOf(schema, key, sameForeignKey));
  }
}

function dropSequences(
  { sequences }: Schema,
  matches: (owner: { readonly table: Name; readonly column: string }) => boolean,
): void {
  for (const [name, owner] of sequences) {
    if (owner !== undefined && matches(owner)) sequences.delete(name);
  }
}
