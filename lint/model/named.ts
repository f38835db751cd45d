import { relationName } from "../../components/sql-text/sql-names";
import { walk } from "../../components/sql-text/parse-tree";
import type { ParsedStatement } from "../parsed";
import { isTemporaryName, changedObjects } from "../statement-objects";
import { hasDefaultPartition } from "./inheritance";
import { isNamed } from "./new-names";
import type { Name, NamedObject, Schema } from "./schema";

/** The tables, views and indexes that a statement names, in their state before it runs. */
export function namedObjects(
  schema: Schema,
  { node, file }: ParsedStatement,
): ReadonlyMap<Name, NamedObject> {
  const names = new Set(changedObjects(node));
  walk(node, { RangeVar: (relation) => names.add(relationName(relation)) });
  return new Map([...names].map((name) => [name, namedObject(schema, name, file)]));
}

function namedObject(schema: Schema, name: Name, file: string): NamedObject {
  const index = schema.relations.has(name) ? undefined : schema.indexes.find(isNamed(name));
  const table = index?.table ?? name;
  const relation = schema.relations.get(table);
  return {
    table,
    isNew: isTemporaryName(name) || [relation, index].some((each) => each?.place.file === file),
    isHypertable: schema.hypertables.has(table),
    isPartitioned: relation?.isPartitioned === true,
    hasDefaultPartition:
      relation?.isPartitioned === true && hasDefaultPartition(schema, relation.name),
  };
}
