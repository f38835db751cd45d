import type { NodeOf } from "../walk";
import { indexName } from "./indexes";
import { relationName } from "./names";
import type { Name, Schema } from "./schema";

export function rename(schema: Schema, node: NodeOf<"RenameStmt">): void {
  const { renameType, subname = "", newname = "" } = node;
  const relation = relationName(node.relation);
  switch (renameType) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
      renameRelation(schema, relation, newname);
      break;
    case "OBJECT_COLUMN":
      renameColumn(schema, relation, subname, newname);
      break;
    case "OBJECT_INDEX":
      schema.indexes = schema.indexes.map((index) =>
        indexName(index) === relation ? { ...index, name: newname } : index,
      );
      schema.indexTables.set(beside(relation, newname), schema.indexTables.get(relation) ?? "");
      break;
    case "OBJECT_TABCONSTRAINT":
      schema.indexes = schema.indexes.map((index) =>
        index.table === relation && index.name === subname ? { ...index, name: newname } : index,
      );
      schema.foreignKeys = schema.foreignKeys.map((key) =>
        key.table === relation && key.name === subname ? { ...key, name: newname } : key,
      );
      break;
  }
}

/** The name of something in the same schema. */
function beside(name: Name, other: string): Name {
  return `${name.slice(0, name.lastIndexOf(".") + 1)}${other}`;
}

function renameRelation(schema: Schema, from: Name, newname: string): void {
  const to = beside(from, newname);
  const moved = <T>(map: Map<Name, T>, change: (value: T) => T): void => {
    const value = map.get(from);
    if (value === undefined) return;
    map.delete(from);
    map.set(to, change(value));
  };
  moved(schema.relations, (each) => ({ ...each, name: to }));
  moved(schema.hypertables, (each) => ({ ...each, table: to }));
  moved(schema.policies, (each) => each);
  if (schema.columnstores.delete(from)) schema.columnstores.add(to);
  const renamed = (name: Name): Name => (name === from ? to : name);
  schema.indexes = schema.indexes.map((each) => ({ ...each, table: renamed(each.table) }));
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
  schema.indexes = schema.indexes.map((index) =>
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
  const hypertable = schema.hypertables.get(table);
  if (hypertable === undefined) return;
  schema.hypertables.set(table, { ...hypertable, columns: hypertable.columns.map(renamed) });
}
