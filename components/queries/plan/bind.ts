import { scan } from "libpg-query";
import { quoted, shortened } from "../../text/printable";
import { QueryError, type QueryFile, type QueryParameter } from "./query-file";
import { refusedValue } from "./values";

/** A query as it goes over the wire: `$1`, `$2`, with the values beside it. */
export interface BoundQuery {
  readonly text: string;
  /** The parameters in the order of their numbers. */
  readonly parameters: readonly QueryParameter[];
}

/**
 * Puts `$1::type` in the place of each `:name` outside of strings and comments, as PostgreSQL's own scanner sees them.
 * @throws QueryError where a name is used and not declared, or declared and not used
 */
export async function bindQuery({ name, sql, parameters }: QueryFile): Promise<BoundQuery> {
  const bytes = Buffer.from(sql, "utf8");
  const numbers = new Map<QueryParameter, number>();
  let text = "";
  let copied = 0;
  const tokens = await tokensOf(name, sql);
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    // Positions count bytes. `::` and `:=` are tokens of their own; a slice is written `[1 : n]`.
    if (token.text !== ":" || next?.start !== token.end || !/^[a-z_]/i.test(next.text)) return;
    const parameter = parameters.find((each) => each.name === next.text);
    if (parameter === undefined) {
      throw new QueryError(`${name}: :${next.text} is used and not declared: add "--! param"`);
    }
    const number = numbers.get(parameter) ?? numbers.size + 1;
    numbers.set(parameter, number);
    text += `${bytes.toString("utf8", copied, token.start)}$${number}::${parameter.type}`;
    copied = next.end;
  });
  const unused = parameters.filter((parameter) => !numbers.has(parameter));
  if (unused.length > 0) {
    throw new QueryError(
      `${name}: declared and not used: ${unused.map((each) => each.name).join(", ")}`,
    );
  }
  return { text: text + bytes.toString("utf8", copied), parameters: [...numbers.keys()] };
}

async function tokensOf(name: string, sql: string) {
  try {
    return (await scan(sql)).tokens;
  } catch (cause) {
    throw new QueryError(`${name}: PostgreSQL's scanner does not take it for SQL`, { cause });
  }
}

/**
 * The values to bind, in the order of the bound query's parameters; defaults where nothing was given.
 * @throws QueryError with everything that is wrong: unknown names, missing values, values that are not of their type
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
      `it has no parameter ${shortened(name)}; ${known === "" ? "it has none" : `allowed: ${known}`}`,
    );
  }
  const values = bound.parameters.map((parameter) => {
    const { name, type, meaning } = parameter;
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (value === undefined) {
      problems.push(`it needs --param ${name}=..., a value of type ${type}: ${meaning}`);
      return "";
    }
    const allowed = refusedValue(type, value);
    if (allowed !== undefined) {
      problems.push(`${name}: got ${quoted(value)}; allowed is ${allowed}; ${meaning}`);
    }
    return value;
  });
  if (problems.length > 0) {
    throw new QueryError(problems.map((problem) => `${query.name}: ${problem}`).join("\n"));
  }
  return values;
}
