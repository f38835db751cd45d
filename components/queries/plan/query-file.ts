/**
 * Named queries, `sql/queries/<group>/<name>.sql`, and the directives at the head of their files. docs/queries.md is
 * made from them.
 */
import { LOGINS, PURPOSES, type Purpose } from "../../roles/plan/logins";
import { DATABASES, type DatabaseName } from "../../roles/plan/role-plan";
import {
  isParameterType,
  PARAMETER_TYPES,
  type ParameterType,
  allowedValues,
} from "./parameter-types";
import { shortened } from "../../text/printable";

const rank = (purpose: Purpose) => LOGINS[purpose].queryRank ?? 0;

/** Logins that a query may use, least privileged first. With `migrate` it runs as the owner of the tables. */
const QUERY_LOGINS: readonly QueryLogin[] = [
  ...PURPOSES.filter(rank).sort((one, other) => rank(one) - rank(other)),
  "admin",
];

type QueryLogin = Purpose | "admin";

export interface QueryParameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Undefined: the user must give a value. */
  readonly default: string | undefined;
  readonly meaning: string;
}

export interface QueryFile {
  /** File name without extension; unique. */
  readonly name: string;
  readonly group: string;
  /** Databases in which it runs. */
  readonly databases: readonly DatabaseName[];
  /** Least privileged login that can run it. */
  readonly login: QueryLogin;
  /** Extensions that it needs. */
  readonly extensions: readonly string[];
  /** True if it changes something: ends sessions, resets or writes. */
  readonly changes: boolean;
  /** False for a statement that cannot run in a transaction. */
  readonly transaction: boolean;
  /** statement_timeout in PostgreSQL's notation. Default 10s. */
  readonly timeout: string;
  readonly parameters: readonly QueryParameter[];
  /** Column names of its result. */
  readonly columns: readonly string[];
  /** Columns that exporters publish as metrics; the other columns of such a query are their labels. */
  readonly metrics: readonly MetricColumn[];
  /** Servers on which its metrics mean something. */
  readonly server: "any" | "primary" | "replica";
  /** First major version that has its views. @default - all that the project supports */
  readonly since?: number;
  /** The question that it answers. */
  readonly question: string;
  /** How to act on the result; paragraphs. */
  readonly advice: string;
  /** SQL with `:name` for a parameter. */
  readonly sql: string;
}

/** A column that is a metric: `sark_<column>`. */
export interface MetricColumn {
  readonly column: string;
  /** A counter only grows, except when statistics are reset. */
  readonly kind: "gauge" | "counter";
  readonly help: string;
}

/** An invalid query file or parameter value. Commands print errors of this name without a stack trace. */
export class QueryError extends Error {
  override readonly name = "UserError";
}

const PATH = /^queries\/([a-z]+)\/([a-z0-9]+(?:-[a-z0-9]+)*)\.sql$/;
const NAME = /^[a-z][a-z0-9_]*$/;
const DURATION = /^\d+(ms|s|min|h)$/;

const DIRECTIVES =
  "database sark sark_audit, login monitor, param name type = default -- meaning, returns column, column (or nothing), " +
  "extension pg_stat_statements, timeout 10s, body ../../file.sql, gauge column -- meaning, counter column -- meaning, " +
  "server primary, since 17, changes and no-transaction";

/**
 * Reads the files of `sql/queries`, sorted by group and name.
 * @param texts by path below `sql`; files outside `queries` may be the body of a query
 * @throws QueryError on a duplicate name, or a head that is incomplete or invalid
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
      throw new QueryError(`${name} is in the groups ${other} and ${group}: rename one of them`);
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
    throw new QueryError(
      `${shortened(path)}: invalid name; name the file like queries/group/some-words.sql`,
    );
  }
  const lines = (texts[path] ?? "").replace(/\r\n/g, "\n").split("\n");
  const split = lines.findIndex((line) => !line.startsWith("--!"));
  const head = lines.slice(0, split).map((line) => line.slice(3).trim());
  const { comment, rest } = leadingComment(lines.slice(split));
  const [question = "", ...advice] = comment.split("\n\n");
  const { body, ...facts } = readHead(path, head);
  const own = rest.trim();
  if (body !== undefined && own !== "") {
    throw new QueryError(`${path}: it has a statement and a body directive: remove one of them`);
  }
  const borrowed = body === undefined ? own : (texts[body] ?? "").trim();
  const sql = borrowed.replace(/;$/, "");
  if (sql === "") throw new QueryError(`${path}: no statement in ${body ?? "the file"}`);
  if (!question.endsWith("?")) {
    throw new QueryError(
      `${path}: begin the comment after the head with a question, ending with "?", and a blank line`,
    );
  }
  return { name, group, ...facts, question, advice: advice.join("\n\n"), sql };
}

/** Paragraphs of the comment at the start, each on one line. */
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

/** One `--!` line: its value, and a function that creates its error. */
interface Directive {
  readonly value: string;
  readonly error: (why: string) => QueryError;
}

const KEYS = [
  "database",
  "login",
  "param",
  "returns",
  "extension",
  "timeout",
  "body",
  "gauge",
  "counter",
  "server",
  "since",
];
const SERVERS = ["any", "primary", "replica"] as const;
const FLAGS = ["changes", "no-transaction"];

/** Parses the `--!` lines of a file. */
function readHead(path: string, lines: readonly string[]): Head {
  const parameters: QueryParameter[] = [];
  const metrics: MetricColumn[] = [];
  const said = new Map<string, Directive>();
  for (const text of lines) {
    const [, key = "", value = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    const error = (why: string): QueryError =>
      new QueryError(`${path}: "--! ${shortened(text)}" is invalid: ${why}`);
    const isFlag = FLAGS.includes(key) && value === "";
    if (!isFlag && !KEYS.includes(key)) throw error(`allowed are ${DIRECTIVES}`);
    if (said.has(key)) throw error(`${key} is given twice`);
    if (key === "param") parameters.push(readParameter({ value, error }, parameters));
    else if (key === "gauge" || key === "counter") metrics.push(readMetric(key, { value, error }));
    else said.set(key, { value, error });
  }
  const [database, login, returns] = ["database", "login", "returns"].map((key) => said.get(key));
  if (!database || !login || !returns) {
    const missing = ["database", "login", "returns"].filter((key) => !said.has(key));
    throw new QueryError(`${path}: its head lacks ${missing.join(", ")}`);
  }
  const timeout = said.get("timeout");
  if (timeout && !DURATION.test(timeout.value)) {
    throw timeout.error("a timeout is a number with ms, s, min or h");
  }
  const columns = returns.value === "nothing" ? [] : returns.value.split(/\s*,\s*/);
  if (!columns.every((column) => NAME.test(column))) {
    throw returns.error("columns are in lower case, separated by commas");
  }
  const missing = metrics.find(({ column }) => !columns.includes(column));
  if (missing) throw returns.error(`it lacks ${missing.column}, which is declared as a metric`);
  const [server, since] = [said.get("server"), said.get("since")];
  if (since && !/^\d+$/.test(since.value)) throw since.error("a major version is a number");
  return {
    databases: knownWords(database, DATABASES),
    login: knownWords(login, QUERY_LOGINS)[0],
    extensions: said.get("extension")?.value.split(/\s+/) ?? [],
    changes: said.has("changes"),
    transaction: !said.has("no-transaction"),
    timeout: timeout?.value ?? "10s",
    parameters,
    columns,
    metrics,
    server: server ? knownWords(server, SERVERS)[0] : "any",
    ...(since ? { since: Number(since.value) } : {}),
    body: said.get("body")?.value.replace(/^\.\.\/\.\.\//, ""),
  };
}

function readMetric(kind: MetricColumn["kind"], { value, error }: Directive): MetricColumn {
  const [column = "", ...help] = value.split(" -- ");
  if (!NAME.test(column) || help.length !== 1) {
    throw error(`write a metric as: ${kind} column -- meaning`);
  }
  // As Prometheus names them, so that nobody takes the rate of a gauge.
  if ((kind === "counter") !== column.endsWith("_total")) {
    throw error("the name of a counter ends with _total, and that of a gauge does not");
  }
  return { column, kind, help: help.join("").trim() };
}

function readParameter(
  { value, error }: Directive,
  others: readonly QueryParameter[],
): QueryParameter {
  const [definition = "", ...meaning] = value.split(" -- ");
  const [, name = "", type = "", , given] =
    /^(\S+)\s+(\S+)(\s+=\s+(.+))?$/.exec(definition.trim()) ?? [];
  if (!NAME.test(name) || meaning.length !== 1) {
    throw error("write a parameter as: param name type = default -- meaning");
  }
  if (!isParameterType(type)) {
    throw error(`a parameter's type is one of ${PARAMETER_TYPES.join(", ")}`);
  }
  if (others.some((other) => other.name === name))
    throw error(`the parameter ${name} is declared twice`);
  const allowed = given === undefined ? undefined : allowedValues(type, given);
  if (allowed !== undefined) throw error(`its default must be ${allowed}`);
  return { name, type, default: given, meaning: meaning.join("").trim() };
}

/** Words of a line, in the order of the known words. */
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
