import type { Rule } from "../rule";

export const timescaleAggregateNoData: Rule = {
  name: "timescale-aggregate-no-data",
  reason:
    "TimescaleDB cannot fill a continuous aggregate in a transaction, and the migration would wait until all rows " +
    "are read. The first run of the refresh policy fills it.",
  check: ({ schema }) =>
    [...schema.relations.values()]
      .filter(({ kind, withData }) => kind === "continuous aggregate" && withData)
      .map(({ name, place }) => ({
        ...place,
        text: `End ${name} with "with no data": its refresh policy fills it.`,
      })),
};
