import type { Rule } from "../rule";

export const primaryKey: Rule = {
  name: "primary-key",
  reason:
    "Without one, two rows can be the same, none can be named, and logical replication refuses updates.",
  check: ({ schema }) => {
    const keyed = new Set(
      schema.indexes.filter((each) => each.constraint === "primary key").map(({ table }) => table),
    );
    return [...schema.relations.values()]
      .filter(({ kind, name }) => kind === "table" && !keyed.has(name))
      .map(({ name, place }) => ({ ...place, text: `Give ${name} a primary key.` }));
  },
};
