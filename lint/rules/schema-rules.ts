import type { Rule } from "../rule";
import type { FunctionModel, RelationKind } from "../model/schema";

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

/** What `comment on` calls each kind. To PostgreSQL, a continuous aggregate is a view. */
const KEYWORDS: Readonly<Record<RelationKind, string>> = {
  table: "table",
  view: "view",
  "materialized view": "materialized view",
  "continuous aggregate": "view",
};

/** What the files make: tables, columns and functions. */
export const schemaRules: readonly Rule[] = [
  {
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
  },
  {
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
  },
  {
    name: "function-security",
    reason:
      "A reader has to know first as which role a function runs. A default that is not written down looks like an oversight.",
    check: ({ schema }) =>
      [...schema.functions.values()]
        .filter(({ saysSecurity }) => !saysSecurity)
        .map(({ name, place }) => ({
          ...place,
          text: `Write "security invoker" or "security definer" in ${name}.`,
        })),
  },
  {
    name: "security-definer-search-path",
    reason:
      "A function without a search_path of its own uses its caller's, who can plant a table or operator there. " +
      "PostgreSQL searches pg_temp first unless the path names it.",
    check: ({ schema }) =>
      [...schema.functions.values()].flatMap((model) => {
        const text = whatIsWrong(model);
        return text === undefined ? [] : [{ ...model.place, text }];
      }),
  },
];

function whatIsWrong({ name, definer, searchPath }: FunctionModel): string | undefined {
  const pin = 'write "set search_path = pg_catalog, pg_temp"';
  if (searchPath === undefined) {
    return `${name} ${definer ? "runs as its owner and " : ""}has no search_path of its own: ${pin}.`;
  }
  const its = `The search_path of ${name}${definer ? ", which runs as its owner," : ""}`;
  if (searchPath.includes("$user")) return `${its} names the schema of its caller: ${pin}.`;
  if (searchPath.at(0) !== "pg_catalog") return `${its} does not begin with pg_catalog: ${pin}.`;
  if (searchPath.at(-1) !== "pg_temp" || searchPath.indexOf("pg_temp") !== searchPath.length - 1) {
    return `${its} does not end with pg_temp, which PostgreSQL then searches first: ${pin}.`;
  }
  return undefined;
}
