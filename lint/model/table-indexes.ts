import { siblingName } from "../../components/sql-text/sql-names";
import { newIndexName } from "./new-names";
import type { Index, Name, Schema } from "./schema";

/** Copies an index to another table, under a generated name. */
export function copyIndex(schema: Schema, index: Index, table: Name): Index {
  const name = newIndexName(schema, table, index.constraint, index.columnNames);
  const copy = { ...index, name, table };
  schema.indexes = [...schema.indexes, copy];
  return copy;
}

export function indexesByTable(indexes: readonly Index[]): ReadonlyMap<Name, readonly Index[]> {
  const byTable = new Map<Name, Index[]>();
  for (const index of indexes) {
    const others = byTable.get(index.table);
    if (others === undefined) byTable.set(index.table, [index]);
    else others.push(index);
  }
  return byTable;
}

/** The qualified name of an index, which is in the schema of its table. */
export function indexName({ name, table }: Index): Name {
  return siblingName(table, name);
}
