import type { Rule } from "../rule";

export const timescaleUniqueTime: Rule = {
  name: "timescale-unique-time",
  reason:
    "Each chunk of a hypertable has its own index. TimescaleDB refuses a unique key that lacks one of the columns " +
    "that divide the rows into chunks.",
  check: ({ schema }) =>
    schema.indexes.flatMap(({ unique, table, keys, place, name }) => {
      if (!unique) return [];
      const missing = (schema.hypertables.get(table)?.columns ?? []).filter(
        (column) => !keys.some(({ value }) => value === column),
      );
      if (missing.length === 0) return [];
      const text = `Add ${missing.join(" and ")} to ${name}: ${table} is a hypertable, which TimescaleDB divides by it.`;
      return [{ ...place, text }];
    }),
};
