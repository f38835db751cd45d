import type { Rule } from "../rule";

/** By PostgreSQL's own name of the type. */
const REFUSED: Readonly<Record<string, string>> = {
  "pg_catalog.json": "jsonb, which is checked and read once, and can be indexed",
  json: "jsonb, which is checked and read once, and can be indexed",
  money: "numeric: what money means changes with lc_monetary",
  "pg_catalog.timetz": "timestamptz: a time of day has no offset without its date",
  "pg_catalog.timestamp": "timestamptz: without a zone nobody knows which moment it was",
  "pg_catalog.bit": "bytea or boolean",
};

export const columnTypes: Rule = {
  name: "column-types",
  reason:
    "Each of these types has a better one for the same values, and changing it later rewrites the table.",
  check: ({ schema }) =>
    [...schema.relations.values()].flatMap(({ columns }) =>
      [...columns.values()].flatMap(({ name, type, place }) => {
        const instead = REFUSED[type.replace(/\[\]$/, "")];
        return instead === undefined ? [] : [{ ...place, text: `Make ${name} ${instead}.` }];
      }),
    ),
};
