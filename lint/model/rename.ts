import type { NodeOf } from "../../components/sql-text/parse-tree";
import { childrenOf } from "./inheritance";
import { bareName, siblingName, relationName } from "../../components/sql-text/sql-names";
import { indexName } from "./table-indexes";
import type { Index, Name, Schema, SequenceOwner } from "./schema";

export function rename(schema: Schema, node: NodeOf<"RenameStmt">): void {
  const { renameType, subname = "", newname = "" } = node;
  const relation = relationName(node.relation);
  switch (renameType) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
      renameRelation(schema, relation, siblingName(relation, newname));
      break;
    case "OBJECT_COLUMN":
      renameColumn(schema, relation, subname, newname);
      break;
    case "OBJECT_INDEX":
      for (const index of allIndexes(schema)) {
        if (indexName(index) === relation) index.name = newname;
      }
      break;
    case "OBJECT_SEQUENCE":
      renameKey(schema.sequences, relation, siblingName(relation, newname));
      break;
    case "OBJECT_TABCONSTRAINT":
      renameConstraint(schema, relation, subname, newname);
      break;
  }
}

/** `alter table ... set schema`: moves the table and the sequences of its columns. */
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

/** All indexes, including dropped ones, because a finding names their table by its present name. */
function allIndexes({ indexes, droppedIndexes }: Schema): readonly Index[] {
  return [...indexes, ...droppedIndexes.map(({ index }) => index)];
}

function ownersOf({ sequences }: Schema): readonly SequenceOwner[] {
  return [...sequences.values()].filter((owner) => owner !== undefined);
}

function renameKey<T>(map: Map<Name, T>, from: Name, to: Name): void {
  const value = map.get(from) as T;
  if (map.delete(from)) map.set(to, value);
}

/** Renames a constraint, and a check also in the tables that inherit it. */
function renameConstraint(schema: Schema, table: Name, from: string, to: string): void {
  const { indexes, foreignKeys, checks } = schema;
  const named = (each: { readonly table: Name; readonly name: string }): boolean =>
    each.table === table && each.name === from;
  const keys = indexes.filter(({ constraint }) => constraint !== undefined);
  const isCheck = checks.some(named);
  for (const each of [...keys, ...foreignKeys, ...checks].filter(named)) each.name = to;
  if (!isCheck) return;
  for (const child of childrenOf(schema, table)) renameConstraint(schema, child.name, from, to);
}

function renameRelation(schema: Schema, from: Name, to: Name): void {
  const { relations, hypertables, policies, columnstores, checks, foreignKeys } = schema;
  renameKey(relations, from, to);
  renameKey(hypertables, from, to);
  renameKey(policies, from, to);
  if (columnstores.delete(from)) columnstores.add(to);
  const renamed = (name: Name): Name => (name === from ? to : name);
  for (const relation of relations.values()) {
    relation.name = renamed(relation.name);
    relation.parents = relation.parents.map(renamed);
  }
  const parts = [...allIndexes(schema), ...checks, ...foreignKeys, ...ownersOf(schema)];
  for (const each of [...parts, ...hypertables.values()]) each.table = renamed(each.table);
  for (const key of foreignKeys) key.referenced = renamed(key.referenced);
}

/** Renames a column. Index expressions keep the old name; they are compared only with indexes created before. */
function renameColumn(schema: Schema, table: Name, from: string, to: string): void {
  const columns = schema.relations.get(table)?.columns;
  const column = columns?.get(from);
  if (columns !== undefined && column !== undefined) {
    columns.delete(from);
    columns.set(to, { ...column, name: to });
  }
  const renamed = (name: string): string => (name === from ? to : name);
  const ofTable = (each: { readonly table: Name }): boolean => each.table === table;
  for (const index of allIndexes(schema).filter(ofTable)) {
    index.keys = index.keys.map((key) => ({ ...key, value: renamed(key.value) }));
    index.including = index.including.map(renamed);
    index.notNull = index.notNull?.map(renamed);
  }
  const { foreignKeys, checks, hypertables } = schema;
  for (const each of [...foreignKeys, ...checks, ...hypertables.values()].filter(ofTable)) {
    each.columns = each.columns.map(renamed);
  }
  for (const owner of ownersOf(schema).filter(ofTable)) owner.column = renamed(owner.column);
  for (const child of childrenOf(schema, table)) renameColumn(schema, child.name, from, to);
}
