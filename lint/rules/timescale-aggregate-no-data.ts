import type { Rule } from "../rule";

export const timescaleAggregateNoData: Rule = {
  name: "timescale-aggregate-no-data",
  reason:
    "Filling a continuous aggregate cannot be done in a transaction, and would hold a migration up for as long as it " +
    "takes to read all that there is; the first run of the refresh policy does it.",
  check: ({ schema }) =>
    [...schema.relations.values()]
      .filter(({ kind, withData }) => kind === "continuous aggregate" && withData)
      .map(({ name, place }) => ({
        ...place,
        text: `End ${name} with "with no data": its refresh policy fills it.`,
      })),
};
