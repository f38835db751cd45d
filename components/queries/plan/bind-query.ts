import { scan } from "libpg-query";
import { quoted, shortened } from "../../text/printable";
import { QueryError, type QueryFile, type QueryParameter } from "./query-file";
import { allowedValues } from "./parameter-types";

/** A query as sent to the server: `$1`, `$2`, with separate values. */
export interface BoundQuery {
  readonly text: string;
  /** Parameters in the order of their numbers. */
  readonly parameters: readonly QueryParameter[];
}

/**
 * Replaces each `:name` outside strings and comments, as PostgreSQL's scanner sees them, by `$1::type`.
 * @throws QueryError for a name that is used but not declared, or declared but not used
 */
export async function bindQuery({ name, sql, parameters }: QueryFile): Promise<BoundQuery> {
  const bytes = Buffer.from(sql, "utf8");
  const numbers = new Map<QueryParameter, number>();
  let text = "";
  let copied = 0;
  const tokens = await tokensOf(name, sql);
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    // Positions count bytes. `::` and `:=` are separate tokens; a slice is written `[1 : n]`.
    if (token.text !== ":" || next?.start !== token.end || !/^[a-z_]/i.test(next.text)) return;
    const parameter = parameters.find((each) => each.name === next.text);
    if (parameter === undefined) {
      throw new QueryError(`${name}: :${next.text} is used but not declared: add "--! param"`);
    }
    const number = numbers.get(parameter) ?? numbers.size + 1;
    numbers.set(parameter, number);
    text += `${bytes.toString("utf8", copied, token.start)}$${number}::${parameter.type}`;
    copied = next.end;
  });
  const unused = parameters.filter((parameter) => !numbers.has(parameter));
  if (unused.length > 0) {
    throw new QueryError(
      `${name}: declared but not used: ${unused.map((each) => each.name).join(", ")}`,
    );
  }
  return { text: text + bytes.toString("utf8", copied), parameters: [...numbers.keys()] };
}

async function tokensOf(name: string, sql: string) {
  try {
    return (await scan(sql)).tokens;
  } catch (cause) {
    throw new QueryError(`${name}: PostgreSQL's scanner cannot parse it as SQL`, { cause });
  }
}

/**
 * Values to bind, in the order of the query's parameters; defaults for omitted ones.
 * @throws QueryError with every problem: unknown names, missing values, values of the wrong type
 */
export function valuesFor(
  query: QueryFile,
  bound: BoundQuery,
  given: Readonly<Record<string, string>>,
): readonly string[] {
  const problems: string[] = [];
  for (const name of Object.keys(given)) {
    if (query.parameters.some((each) => each.name === name)) continue;
    const known = query.parameters.map((each) => each.name).join(", ");
    problems.push(
      `unknown parameter ${shortened(name)}; ${known === "" ? "it has no parameters" : `allowed: ${known}`}`,
    );
  }
  const values = bound.parameters.map((parameter) => {
    const { name, type, meaning } = parameter;
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (value === undefined) {
      problems.push(`missing --param ${name}=..., a value of type ${type}: ${meaning}`);
      return "";
    }
    const allowed = allowedValues(type, value);
    if (allowed !== undefined) {
      problems.push(`${name}: got ${quoted(value)}; allowed: ${allowed}; ${meaning}`);
    }
    return value;
  });
  if (problems.length > 0) {
    throw new QueryError(problems.map((problem) => `${query.name}: ${problem}`).join("\n"));
  }
  return values;
}
