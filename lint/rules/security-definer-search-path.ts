import type { FunctionModel } from "../model/schema";
import type { Rule } from "../rule";

export const securityDefinerSearchPath: Rule = {
  name: "security-definer-search-path",
  reason:
    "A function finds what it names on the search path of whoever calls it, who can put a table or an operator of his own " +
    "there; one that runs as its owner then does the caller's will. pg_temp is searched first unless it is named.",
  check: ({ schema }) =>
    [...schema.functions.values()].flatMap((model) => {
      const text = whatIsWrong(model);
      return text === undefined ? [] : [{ ...model.place, text }];
    }),
};

function whatIsWrong({ name, definer, searchPath }: FunctionModel): string | undefined {
  const pin = 'say "set search_path = pg_catalog, pg_temp"';
  const who = definer ? `${name} runs as its owner` : name;
  if (searchPath === undefined) return `${who} and pins no search path: ${pin}.`;
  if (searchPath.includes("$user")) {
    return `The search path of ${who} has a schema of whoever calls it: ${pin}.`;
  }
  if (searchPath.at(0) !== "pg_catalog") {
    return `The search path of ${who} does not begin with pg_catalog, so another schema's functions come first: ${pin}.`;
  }
  if (searchPath.at(-1) !== "pg_temp" || searchPath.indexOf("pg_temp") !== searchPath.length - 1) {
    return `The search path of ${who} does not end in pg_temp, which is searched first where it is not named: ${pin}.`;
  }
  return undefined;
}
