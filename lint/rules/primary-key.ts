import type { Index } from "../model/schema";
import type { Rule } from "../rule";

export const primaryKey: Rule = {
  name: "primary-key",
  reason:
    "Without one, two rows can be the same, none can be named, and logical replication refuses updates.",
  check: ({ schema: { relations, indexes, droppedIndexes } }) => {
    const keyed = new Set(indexes.filter(isPrimaryKey).map(({ table }) => table));
    return [...relations.values()]
      .filter(({ kind, name, isPartition }) => kind === "table" && !keyed.has(name) && !isPartition)
      .map(({ name, place }) => {
        const dropped = droppedIndexes.findLast(
          ({ index }) => index.table === name && isPrimaryKey(index),
        );
        return dropped === undefined
          ? { ...place, text: `Give ${name} a primary key.` }
          : { ...dropped.place, text: `${name} has no primary key after this: give it one.` };
      });
  },
};

function isPrimaryKey({ constraint }: Index): boolean {
  return constraint === "primary key";
}
