import type { NodeOf } from "../../components/sql-text/parse-tree";
import { copyIndex } from "./table-indexes";
import type { Check, ForeignKey, Index, Name, Relation, Schema } from "./schema";

/** The partitions of a table, and the tables that inherit from it. */
export function childrenOf(schema: Schema, table: Name): readonly Relation[] {
  return [...schema.relations.values()].filter(({ parents }) => parents.includes(table));
}

export function partitionsOf(schema: Schema, table: Name): readonly Relation[] {
  return childrenOf(schema, table).filter(({ isPartition }) => isPartition);
}

export function hasDefaultPartition(schema: Schema, table: Name): boolean {
  return partitionsOf(schema, table).some(({ isDefaultPartition }) => isDefaultPartition);
}

/** `inherits (parent)`: the child gets the parent's columns and checks, but not its keys. */
export function inherit(schema: Schema, child: Relation, parent: Name): void {
  child.parents = [...child.parents, parent];
  copyColumns(schema, parent, child);
  for (const check of schema.checks.filter(({ table }) => table === parent)) {
    passCheckTo(schema, child.name, check);
  }
}

/** `partition of`, or `attach partition`: the partition also gets the parent's keys and foreign keys. */
export function becomePartition(
  schema: Schema,
  partition: Relation,
  parent: Name,
  bound: NodeOf<"PartitionBoundSpec"> | undefined,
): void {
  inherit(schema, partition, parent);
  partition.isPartition = true;
  partition.isDefaultPartition = bound?.is_default === true;
  for (const index of schema.indexes.filter(({ table }) => table === parent)) {
    passIndexTo(schema, partition.name, index);
  }
  for (const key of schema.foreignKeys.filter(({ table }) => table === parent)) {
    passForeignKeyTo(schema, partition.name, key);
  }
}

/** `detach partition`, or `no inherit`: the table keeps everything as its own. */
export function detach(schema: Schema, child: Relation, parent: Name): void {
  child.parents = child.parents.filter((each) => each !== parent);
  child.isPartition = false;
  child.isDefaultPartition = false;
  for (const each of [...schema.indexes, ...schema.foreignKeys]) {
    if (each.table === child.name) each.inherited = false;
  }
}

export function copyColumns(schema: Schema, from: Name, to: Relation): void {
  for (const [name, column] of schema.relations.get(from)?.columns ?? []) {
    to.columns.set(name, column);
  }
}

export function propagateIndex(schema: Schema, index: Index): void {
  for (const { name } of partitionsOf(schema, index.table)) passIndexTo(schema, name, index);
}

/** Attaches an equal index of the partition, or creates one. */
function passIndexTo(schema: Schema, partition: Name, index: Index): void {
  if (adopts(schema.indexes, partition, (each) => sameIndex(each, index))) return;
  propagateIndex(schema, copyIndex(schema, { ...index, inherited: true }, partition));
}

/** Attaches the partition's own equal index or key to the parent's. Returns false if it has none. */
function adopts<T extends Index | ForeignKey>(
  all: readonly T[],
  partition: Name,
  isSame: (each: T) => boolean,
): boolean {
  const own = all.find((each) => each.table === partition && !each.inherited && isSame(each));
  if (own !== undefined) own.inherited = true;
  return own !== undefined;
}

export function propagateForeignKey(schema: Schema, key: ForeignKey): void {
  for (const { name } of partitionsOf(schema, key.table)) passForeignKeyTo(schema, name, key);
}

function passForeignKeyTo(schema: Schema, partition: Name, key: ForeignKey): void {
  if (adopts(schema.foreignKeys, partition, (each) => sameForeignKey(each, key))) return;
  const part = { ...key, table: partition, inherited: true };
  schema.foreignKeys = [...schema.foreignKeys, part];
  propagateForeignKey(schema, part);
}

export function propagateCheck(schema: Schema, check: Check): void {
  for (const { name } of childrenOf(schema, check.table)) passCheckTo(schema, name, check);
}

function passCheckTo(schema: Schema, child: Name, check: Check): void {
  const same = ({ table, name }: Check): boolean => table === child && name === check.name;
  if (schema.checks.some(same)) return;
  const part = { ...check, table: child };
  schema.checks = [...schema.checks, part];
  propagateCheck(schema, part);
}

/** Returns whether a partition's index or key belongs to the parent's. */
export function isPartOf<T extends Index | ForeignKey>(
  schema: Schema,
  whole: T,
  same: (a: T, b: T) => boolean,
): (each: T) => boolean {
  const parts = partitionsOf(schema, whole.table).map(({ name }) => name);
  return (each) => each.inherited && parts.includes(each.table) && same(each, whole);
}

/** Whether two indexes have the same definition, so that one can be attached to the other. */
export function sameIndex(a: Index, b: Index): boolean {
  return indexDefinition(a) === indexDefinition(b);
}

function indexDefinition(index: Index): string {
  const { unique, method, keys, including, predicate, constraint, nullsNotDistinct } = index;
  return JSON.stringify([unique, method, keys, including, predicate, constraint, nullsNotDistinct]);
}

export function sameForeignKey(a: ForeignKey, b: ForeignKey): boolean {
  return a.referenced === b.referenced && a.columns.join() === b.columns.join();
}
