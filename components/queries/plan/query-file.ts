/** Named queries, `sql/queries/<group>/<name>.sql`: what the head of such a file says. docs/queries.md is made from it. */
import { LOGINS, PURPOSES, type Purpose } from "../../roles/plan/logins";
import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import { isParameterType, PARAMETER_TYPES, type ParameterType, refusedValue } from "./values";
import { shortened } from "../../text/printable";

const rank = (purpose: Purpose) => LOGINS[purpose].queryRank ?? 0;

/** Logins that a query may ask for, from the one that may do least. With `migrate` it runs as the owner of the tables. */
const QUERY_LOGINS: readonly QueryLogin[] = [
  ...PURPOSES.filter(rank).sort((one, other) => rank(one) - rank(other)),
  "admin",
];

type QueryLogin = Purpose | "admin";

export interface QueryParameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Undefined: whoever runs the query has to say. */
  readonly default: string | undefined;
  readonly meaning: string;
}

export interface QueryFile {
  /** The file's name without its ending; no two files have the same. */
  readonly name: string;
  readonly group: string;
  /** Where it can be asked; it is asked in each. */
  readonly databases: readonly DatabaseName[];
  /** The least that can run it. */
  readonly login: QueryLogin;
  /** Extensions without which it cannot be asked. */
  readonly extensions: readonly string[];
  /** True where it is more than a question: it ends sessions, resets or writes something. */
  readonly changes: boolean;
  /** False for a statement that no transaction takes. */
  readonly transaction: boolean;
  /** How long the statement may run, in PostgreSQL's words. Default 10s. */
  readonly timeout: string;
  readonly parameters: readonly QueryParameter[];
  /** Names of the columns of its answer. */
  readonly columns: readonly string[];
  /** What it answers, in a sentence. */
  readonly question: string;
  /** What to do with the answer; paragraphs. */
  readonly advice: string;
  /** With `:name` for a parameter. */
  readonly sql: string;
}

/** A file, or a value for it, that is not as it has to be. Commands print an error of this name without its stack trace. */
export class QueryError extends Error {
  override readonly name = "UserError";
}

const PATH = /^queries\/([a-z]+)\/([a-z0-9]+(?:-[a-z0-9]+)*)\.sql$/;
const NAME = /^[a-z][a-z0-9_]*$/;
const DURATION = /^\d+(ms|s|min|h)$/;

const DIRECTIVES =
  "database sark sark_audit, login monitor, param name type = default -- meaning, returns column, column (or nothing), " +
  "extension pg_stat_statements, timeout 10s, body ../../file.sql, changes and no-transaction";

/**
 * Reads the files of `sql/queries` in the order of their groups and names.
 * @param texts by path below `sql`; those outside of `queries` may be the body of a query
 * @throws QueryError on a name used twice, and on a head that is incomplete or not understood
 */
export function planQueries(texts: Readonly<Record<string, string>>): readonly QueryFile[] {
  const queries = Object.keys(texts)
    .filter((path) => path.startsWith("queries/"))
    .map((path) => parseQuery(path, texts))
    .sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  const groups = new Map<string, string>();
  for (const { name, group } of queries) {
    const other = groups.get(name);
    if (other !== undefined) {
      throw new QueryError(`${name} is in the groups ${other} and ${group}; a name is used once`);
    }
    groups.set(name, group);
  }
  return queries;
}

function placeOf({ group, name }: QueryFile): string {
  return `${group} ${name}`;
}

function parseQuery(path: string, texts: Readonly<Record<string, string>>): QueryFile {
  const [, group, name] = PATH.exec(path) ?? [];
  if (group === undefined || name === undefined) {
    throw new QueryError(`${shortened(path)}: a query is named like queries/group/some-words.sql`);
  }
  const lines = (texts[path] ?? "").replace(/\r\n/g, "\n").split("\n");
  const split = lines.findIndex((line) => !line.startsWith("--!"));
  const head = lines.slice(0, split).map((line) => line.slice(3).trim());
  const { comment, rest } = leadingComment(lines.slice(split));
  const [question = "", ...advice] = comment.split("\n\n");
  const { body, ...facts } = readHead(path, head);
  const own = rest.trim();
  if (body !== undefined && own !== "") {
    throw new QueryError(`${path}: it has a body of its own, and names another: one of them`);
  }
  const borrowed = body === undefined ? own : (texts[body] ?? "").trim();
  const sql = borrowed.replace(/;$/, "");
  if (sql === "") throw new QueryError(`${path}: there is no statement in ${body ?? "it"}`);
  if (!question.endsWith("?")) {
    throw new QueryError(
      `${path}: the comment after its head begins with a question, which ends with "?", and a blank line`,
    );
  }
  return { name, group, ...facts, question, advice: advice.join("\n\n"), sql };
}

/** Paragraphs of the comment that a file begins with, each on one line. */
function leadingComment(lines: readonly string[]): { comment: string; rest: string } {
  const start = lines.findIndex((line) => line.trim() !== "");
  const length = lines.slice(start).findIndex((line) => !line.startsWith("--"));
  const end = length === -1 ? lines.length : start + length;
  const comment = lines
    .slice(start, end)
    .map((line) => line.slice(2).trim())
    .join("\n")
    .split(/\n\n+/)
    .map((paragraph) => paragraph.replaceAll("\n", " "))
    .join("\n\n");
  return { comment, rest: lines.slice(end).join("\n") };
}

type Head = Omit<QueryFile, "name" | "group" | "question" | "advice" | "sql"> & {
  readonly body: string | undefined;
};

/** One `--!` line: what stands behind its key, and the error that says what is wrong with it. */
interface Directive {
  readonly value: string;
  readonly error: (why: string) => QueryError;
}

const KEYS = ["database", "login", "param", "returns", "extension", "timeout", "body"];
const FLAGS = ["changes", "no-transaction"];

/** Reads the `--!` lines of a file. */
function readHead(path: string, lines: readonly string[]): Head {
  const parameters: QueryParameter[] = [];
  const said = new Map<string, Directive>();
  for (const text of lines) {
    const [, key = "", value = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    const error = (why: string): QueryError =>
      new QueryError(`${path}: "--! ${shortened(text)}" is not understood: ${why}`);
    const isFlag = FLAGS.includes(key) && value === "";
    if (!isFlag && !KEYS.includes(key)) throw error(`allowed are ${DIRECTIVES}`);
    if (said.has(key)) throw error(`${key} is said twice`);
    if (key === "param") parameters.push(readParameter({ value, error }, parameters));
    else said.set(key, { value, error });
  }
  const [database, login, returns] = ["database", "login", "returns"].map((key) => said.get(key));
  if (!database || !login || !returns) {
    const missing = ["database", "login", "returns"].filter((key) => !said.has(key));
    throw new QueryError(`${path}: its head does not say ${missing.join(", ")}`);
  }
  const timeout = said.get("timeout");
  if (timeout && !DURATION.test(timeout.value)) {
    throw timeout.error("a time is a number with ms, s, min or h");
  }
  const columns = returns.value === "nothing" ? [] : returns.value.split(/\s*,\s*/);
  if (!columns.every((column) => NAME.test(column))) {
    throw returns.error("columns are named in lower case, and separated by commas");
  }
  return {
    databases: knownWords(database, DATABASES),
    login: knownWords(login, QUERY_LOGINS)[0],
    extensions: said.get("extension")?.value.split(/\s+/) ?? [],
    changes: said.has("changes"),
    transaction: !said.has("no-transaction"),
    timeout: timeout?.value ?? "10s",
    parameters,
    columns,
    body: said.get("body")?.value.replace(/^\.\.\/\.\.\//, ""),
  };
}

function readParameter(
  { value, error }: Directive,
  others: readonly QueryParameter[],
): QueryParameter {
  const [definition = "", ...meaning] = value.split(" -- ");
  const [, name = "", type = "", , given] =
    /^(\S+)\s+(\S+)(\s+=\s+(.+))?$/.exec(definition.trim()) ?? [];
  if (!NAME.test(name) || meaning.length !== 1) {
    throw error("a parameter is written: param name type = default -- meaning");
  }
  if (!isParameterType(type)) {
    throw error(`a parameter's type is one of ${PARAMETER_TYPES.join(", ")}`);
  }
  if (others.some((other) => other.name === name)) throw error(`there are two parameters ${name}`);
  const allowed = given === undefined ? undefined : refusedValue(type, given);
  if (allowed !== undefined) throw error(`its default is not ${allowed}`);
  return { name, type, default: given, meaning: meaning.join("").trim() };
}

/** The words of a line, in the order of those that are known. */
function knownWords<T extends string>(
  { value, error }: Directive,
  known: readonly T[],
): readonly [T, ...T[]] {
  const words = value.split(/\s+/);
  const [first, ...more] = known.filter((word) => words.includes(word));
  if (first === undefined || more.length + 1 !== words.length) {
    throw error(`allowed are ${known.join(", ")}`);
  }
  return [first, ...more];
}
