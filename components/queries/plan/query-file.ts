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
  const head = new Head(path);
  for (const line of lines.slice(0, split)) head.read(line.slice(3).trim());
  const { comment, rest } = leadingComment(lines.slice(split));
  const [question = "", ...advice] = comment.split("\n\n");
  const { body, ...facts } = head.finish();
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

type Facts = Omit<QueryFile, "name" | "group" | "question" | "advice" | "sql">;

/** The `--!` lines of one file. */
class Head {
  readonly #once = new Set<string>();
  readonly #parameters: QueryParameter[] = [];
  #databases: readonly DatabaseName[] = [];
  #login: QueryLogin | undefined;
  #extensions: readonly string[] = [];
  #timeout = "10s";
  #columns: readonly string[] | undefined;
  #body: string | undefined;

  constructor(private readonly path: string) {}

  read(text: string): void {
    const [, key = "", value = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    if (key !== "param" && this.#once.has(key)) throw this.#error(text, `${key} is said twice`);
    this.#once.add(key);
    switch (key) {
      case "database":
        this.#databases = this.#list(text, value, DATABASES);
        return;
      case "login":
        [this.#login] = this.#list(text, value, QUERY_LOGINS);
        return;
      case "param":
        this.#parameters.push(this.#parameter(text, value));
        return;
      case "returns":
        this.#columns = value === "nothing" ? [] : value.split(/\s*,\s*/);
        if (this.#columns.every((column) => NAME.test(column))) return;
        throw this.#error(text, "columns are named in lower case, and separated by commas");
      case "extension":
        this.#extensions = value.split(/\s+/);
        return;
      case "timeout":
        this.#timeout = value;
        if (DURATION.test(value)) return;
        throw this.#error(text, "a time is a number with ms, s, min or h");
      case "body":
        this.#body = value.replace(/^\.\.\/\.\.\//, "");
        return;
      default:
        if ((key === "changes" || key === "no-transaction") && value === "") return;
        throw this.#error(text, `allowed are ${DIRECTIVES}`);
    }
  }

  finish(): Facts & { readonly body: string | undefined } {
    const missing = ["database", "login", "returns"].filter((key) => !this.#once.has(key));
    if (missing.length > 0 || this.#login === undefined || this.#columns === undefined) {
      throw new QueryError(`${this.path}: its head does not say ${missing.join(", ")}`);
    }
    return {
      databases: this.#databases,
      login: this.#login,
      extensions: this.#extensions,
      changes: this.#once.has("changes"),
      transaction: !this.#once.has("no-transaction"),
      timeout: this.#timeout,
      parameters: this.#parameters,
      columns: this.#columns,
      body: this.#body,
    };
  }

  #parameter(text: string, value: string): QueryParameter {
    const [definition = "", ...meaning] = value.split(" -- ");
    const [, name = "", type = "", , given] =
      /^(\S+)\s+(\S+)(\s+=\s+(.+))?$/.exec(definition.trim()) ?? [];
    if (!NAME.test(name) || meaning.length !== 1) {
      throw this.#error(text, "a parameter is written: param name type = default -- meaning");
    }
    if (!isParameterType(type)) {
      throw this.#error(text, `a parameter's type is one of ${PARAMETER_TYPES.join(", ")}`);
    }
    if (this.#parameters.some((other) => other.name === name)) {
      throw this.#error(text, `there are two parameters ${name}`);
    }
    const allowed = given === undefined ? undefined : refusedValue(type, given);
    if (allowed !== undefined) throw this.#error(text, `its default is not ${allowed}`);
    return { name, type, default: given, meaning: meaning.join("").trim() };
  }

  #list<T extends string>(text: string, value: string, known: readonly T[]): readonly T[] {
    const words = value.split(/\s+/);
    const found = known.filter((word) => words.includes(word));
    if (found.length === words.length && found.length > 0) return found;
    throw this.#error(text, `allowed are ${known.join(", ")}`);
  }

  #error(text: string, why: string): QueryError {
    return new QueryError(`${this.path}: "--! ${shortened(text)}" is not understood: ${why}`);
  }
}
