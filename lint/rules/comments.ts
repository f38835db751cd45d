import type { RelationKind } from "../model/schema";
import type { Rule } from "../rule";

/** What `comment on` calls each kind. To PostgreSQL, a continuous aggregate is a view. */
const KEYWORDS: Readonly<Record<RelationKind, string>> = {
  table: "table",
  view: "view",
  "materialized view": "materialized view",
  "continuous aggregate": "view",
};

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
        text: `${name} has no comment: write comment on ${KEYWORDS[kind]} ${name} is '...'.`,
      })),
};
