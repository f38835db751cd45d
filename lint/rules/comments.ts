import type { Rule } from "../rule";

export const comments: Rule = {
  name: "comments",
  reason:
    "An operator at three in the morning has psql and not the repository. The pages of the tables are made from the " +
    "comments, too.",
  check: ({ schema }) =>
    [...schema.relations.values()]
      // A partition is a part of a table that has a comment.
      .filter(({ commented, isPartition }) => !commented && !isPartition)
      .map(({ name, place, kind }) => ({
        ...place,
        text: `${name} has no comment: write comment on ${kind === "table" ? "table" : "view"} ${name} is '...'.`,
      })),
};
