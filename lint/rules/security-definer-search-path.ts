import type { FunctionModel } from "../model/schema";
import type { Rule } from "../rule";

export const securityDefinerSearchPath: Rule = {
  name: "security-definer-search-path",
  reason:
    "A function without a search_path of its own uses its caller's, who can plant a table or operator there. " +
    "PostgreSQL searches pg_temp first unless the path names it.",
  check: ({ schema }) =>
    [...schema.functions.values()].flatMap((model) => {
      const text = whatIsWrong(model);
      return text === undefined ? [] : [{ ...model.place, text }];
    }),
};

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
