import type { NodeOf } from "../../components/sql-text/walk";
import { childrenOf } from "./inheritance";
import { bareName, beside, relationName } from "../../components/sql-text/sql-names";
import { indexName } from "./put-index";
import type { Index, Name, Schema } from "./schema";

export function rename(schema: Schema, node: NodeOf<"RenameStmt">): void {
  const { renameType, subname = "", newname = "" } = node;
  const relation = relationName(node.relation);
  switch (renameType) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
      renameRelation(schema, relation, beside(relation, newname));
      break;
    case "OBJECT_COLUMN":
      renameColumn(schema, relation, subname, newname);
      break;
    case "OBJECT_INDEX":
      mapIndexes(schema, (index) =>
        indexName(index) === relation ? { ...index, name: newname } : index,
      );
      break;
    case "OBJECT_SEQUENCE":
      renameKey(schema.sequences, relation, beside(relation, newname));
      break;
    case "OBJECT_TABCONSTRAINT":
      renameConstraint(schema, relation, subname, newname);
      break;
  }
}

/** `alter table ... set schema`: sequences that belong to columns go with the table. */
export function moveRelation(schema: Schema, node: NodeOf<"AlterObjectSchemaStmt">): void {
  const { relation, newschema = "" } = node;
  const inNewSchema = (name: Name): Name => `${newschema}.${bareName(name)}`;
  const from = relationName(relation);
  if (!schema.relations.has(from)) return;
  renameRelation(schema, from, inNewSchema(from));
  for (const [name, owner] of [...schema.sequences]) {
    if (owner?.table !== inNewSchema(from)) continue;
    renameKey(schema.sequences, name, inNewSchema(name));
  }
}

/** Those that were dropped included: a finding names their table as it is now. */
function mapIndexes(schema: Schema, change: (index: Index) => Index): void {
  schema.indexes = schema.indexes.map(change);
  schema.droppedIndexes = schema.droppedIndexes.map((each) => ({
    ...each,
    index: change(each.index),
  }));
}

function renameKey<T>(
  map: Map<Name, T>,
  from: Name,
  to: Name,
  change: (value: T) => T = (value) => value,
): void {
  const value = map.get(from);
  if (value === undefined && !map.has(from)) return;
  map.delete(from);
  map.set(to, change(value as T));
}

/** Tables that inherit a check have it under the same name. */
function renameConstraint(schema: Schema, table: Name, from: string, to: string): void {
  const renamed = <T extends { readonly table: Name; readonly name: string }>(each: T): T =>
    each.table === table && each.name === from ? { ...each, name: to } : each;
  schema.indexes = schema.indexes.map((index) =>
    index.constraint === undefined ? index : renamed(index),
  );
  schema.foreignKeys = schema.foreignKeys.map(renamed);
  const isCheck = schema.checks.some((each) => renamed(each) !== each);
  schema.checks = schema.checks.map(renamed);
  if (!isCheck) return;
  for (const child of childrenOf(schema, table)) renameConstraint(schema, child.name, from, to);
}

function renameRelation(schema: Schema, from: Name, to: Name): void {
  renameKey(schema.relations, from, to, (each) => ({ ...each, name: to }));
  renameKey(schema.hypertables, from, to, (each) => ({ ...each, table: to }));
  renameKey(schema.policies, from, to);
  if (schema.columnstores.delete(from)) schema.columnstores.add(to);
  const renamed = (name: Name): Name => (name === from ? to : name);
  for (const relation of schema.relations.values()) {
    relation.parents = relation.parents.map(renamed);
  }
  mapIndexes(schema, (each) => ({ ...each, table: renamed(each.table) }));
  schema.checks = schema.checks.map((each) => ({ ...each, table: renamed(each.table) }));
  for (const [name, owner] of schema.sequences) {
    if (owner?.table === from) schema.sequences.set(name, { ...owner, table: to });
  }
  schema.foreignKeys = schema.foreignKeys.map((each) => ({
    ...each,
    table: renamed(each.table),
    referenced: renamed(each.referenced),
  }));
}

/** Expressions keep the old name: an index on one is compared with others made before. */
function renameColumn(schema: Schema, table: Name, from: string, to: string): void {
  const columns = schema.relations.get(table)?.columns;
  const column = columns?.get(from);
  if (columns !== undefined && column !== undefined) {
    columns.delete(from);
    columns.set(to, { ...column, name: to });
  }
  const renamed = (name: string): string => (name === from ? to : name);
  mapIndexes(schema, (index) =>
    index.table !== table
      ? index
      : {
          ...index,
          keys: index.keys.map((key) => ({ ...key, value: renamed(key.value) })),
          including: index.including.map(renamed),
          notNull: index.notNull?.map(renamed),
        },
  );
  schema.foreignKeys = schema.foreignKeys.map((key) =>
    key.table === table ? { ...key, columns: key.columns.map(renamed) } : key,
  );
  schema.checks = schema.checks.map((check) =>
    check.table === table ? { ...check, columns: check.columns.map(renamed) } : check,
  );
  for (const [name, owner] of schema.sequences) {
    if (owner?.table !== table) continue;
    schema.sequences.set(name, { ...owner, column: renamed(owner.column) });
  }
  const hypertable = schema.hypertables.get(table);
  if (hypertable !== undefined) {
    const columns = hypertable.columns.map(renamed);
    schema.hypertables.set(table, { ...hypertable, columns });
  }
  for (const child of childrenOf(schema, table)) renameColumn(schema, child.name, from, to);
}
