import type { NodeOf } from "../walk";
import { functionKeys } from "./functions";
import { indexName } from "./indexes";
import { objectName } from "./names";
import type { Name, Schema } from "./schema";

export function drop(schema: Schema, { objects, removeType }: NodeOf<"DropStmt">): void {
  for (const object of objects ?? []) {
    const name = objectName(object);
    switch (removeType) {
      case "OBJECT_TABLE":
      case "OBJECT_VIEW":
      case "OBJECT_MATVIEW":
        dropRelation(schema, name);
        break;
      case "OBJECT_INDEX":
        schema.indexes = schema.indexes.filter((index) => indexName(index) !== name);
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

function dropRelation(schema: Schema, name: Name): void {
  schema.relations.delete(name);
  schema.hypertables.delete(name);
  schema.columnstores.delete(name);
  schema.policies.delete(name);
  schema.indexes = schema.indexes.filter(({ table }) => table !== name);
  schema.foreignKeys = schema.foreignKeys.filter(
    ({ table, referenced }) => table !== name && referenced !== name,
  );
}
