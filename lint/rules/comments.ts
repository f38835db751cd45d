import type { Rule } from "../rule";

export const comments: Rule = {
  name: "comments",
  reason:
    "Whoever meets the database at three in the morning has psql and not the repository; the table docs are made from these, too.",
  check: ({ schema }) =>
    [...schema.relations.values()]
      // A partition is a part of a table that has a comment.
      .filter(({ commented, isPartition }) => !commented && !isPartition)
      .map(({ name, place, kind }) => ({
        ...place,
        text: `Say what ${name} holds: comment on ${kind === "table" ? "table" : "view"} ${name} is '...'.`,
      })),
};
