import type { Rule } from "../rule";
import type { FunctionModel, RelationKind } from "../model/schema";

const JSON_TYPE = { use: "jsonb", why: "PostgreSQL parses it once, and can index it" };

/** Keyed by PostgreSQL's internal name of the type. */
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

/** The keyword of each kind in `comment on`. To PostgreSQL, a continuous aggregate is a view. */
const KEYWORDS: Readonly<Record<RelationKind, string>> = {
  table: "table",
  view: "view",
  "materialized view": "materialized view",
  "continuous aggregate": "view",
};

/** Rules on tables, columns and functions. */
export const schemaRules: readonly Rule[] = [
  {
    name: "column-types",
    reason: "A better type holds the same values, and changing the type later rewrites the table.",
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
      "During an incident an operator has psql, not the repository. The pages on the tables are generated from the comments.",
    check: ({ schema }) =>
      [...schema.relations.values()]
        // A partition's parent table has the comment.
        .filter(({ commented, isPartition }) => !commented && !isPartition)
        .map(({ name, place, kind }) => ({
          ...place,
          text: `${name} has no comment: write comment on ${KEYWORDS[kind]} ${name} is '...'.`,
        })),
  },
  {
    name: "function-security",
    reason:
      "Readers need to know first which role a function runs as. An unwritten default looks like an oversight.",
    check: ({ schema }) =>
      [...schema.functions.values()]
        .filter(({ hasSecurityClause }) => !hasSecurityClause)
        .map(({ name, place }) => ({
          ...place,
          text: `Write "security invoker" or "security definer" in ${name}.`,
        })),
  },
  {
    name: "security-definer-search-path",
    reason:
      "A function without its own search_path uses the caller's, and the caller can plant a table or operator there. " +
      "PostgreSQL searches pg_temp first unless the path lists it.",
    check: ({ schema }) =>
      [...schema.functions.values()].flatMap((model) => {
        const text = searchPathProblem(model);
        return text === undefined ? [] : [{ ...model.place, text }];
      }),
  },
];

function searchPathProblem({ name, definer, searchPath }: FunctionModel): string | undefined {
  const pin = 'write "set search_path = pg_catalog, pg_temp"';
  if (searchPath === undefined) {
    return `${name} ${definer ? "runs as its owner and " : ""}has no search_path of its own: ${pin}.`;
  }
  const its = `The search_path of ${name}${definer ? ", which runs as its owner," : ""}`;
  if (searchPath.includes("$user")) return `${its} contains the caller's schema: ${pin}.`;
  if (searchPath.at(0) !== "pg_catalog") return `${its} does not begin with pg_catalog: ${pin}.`;
  if (searchPath.at(-1) !== "pg_temp" || searchPath.indexOf("pg_temp") !== searchPath.length - 1) {
    return `${its} does not end with pg_temp, which PostgreSQL then searches first: ${pin}.`;
  }
  return undefined;
}
