import type { Rule } from "../rule";

const JSON_TYPE = { use: "jsonb", why: "PostgreSQL parses it once, and can index it" };

/** By PostgreSQL's own name of the type. */
const REFUSED: Readonly<Record<string, { readonly use: string; readonly why: string }>> = {
  "pg_catalog.json": JSON_TYPE,
  json: JSON_TYPE,
  money: { use: "numeric", why: "the meaning of money changes with lc_monetary" },
  "pg_catalog.timetz": { use: "timestamptz", why: "a time of day has no offset without its date" },
  "pg_catalog.timestamp": {
    use: "timestamptz",
    why: "a timestamp without a time zone does not say which moment it was",
  },
  "pg_catalog.bit": { use: "bytea or boolean", why: "every client knows these types" },
};

export const columnTypes: Rule = {
  name: "column-types",
  reason:
    "Each of these types has a better one for the same values, and changing it later rewrites the table.",
  check: ({ schema }) =>
    [...schema.relations.values()].flatMap(({ columns }) =>
      [...columns.values()].flatMap(({ name, type, place }) => {
        const instead = REFUSED[type.replace(/\[\]$/, "")];
        return instead === undefined
          ? []
          : [{ ...place, text: `Use ${instead.use} for ${name}: ${instead.why}.` }];
      }),
    ),
};
