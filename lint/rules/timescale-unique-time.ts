import type { Rule } from "../rule";

export const timescaleUniqueTime: Rule = {
  name: "timescale-unique-time",
  reason:
    "Each chunk of a hypertable has its own index, so TimescaleDB can only keep unique what includes all columns by which " +
    "rows are put into chunks; it refuses anything else.",
  check: ({ schema }) =>
    schema.indexes.flatMap(({ unique, table, keys, place, name }) => {
      if (!unique) return [];
      const missing = (schema.hypertables.get(table)?.columns ?? []).filter(
        (column) => !keys.some(({ value }) => value === column),
      );
      if (missing.length === 0) return [];
      const text = `Add ${missing.join(" and ")} to ${name}: ${table} is a hypertable divided by that, and is unique within it only.`;
      return [{ ...place, text }];
    }),
};
