import type { Node, RawStmt } from "@pgsql/types";
import { parsePlPgSQLSync, parseSync } from "libpg-query";
import type { Statement } from "../components/migrations/plan/statements";
import { names, nodesOf, textOf, type NodeOf } from "../components/sql-text/parse-tree";

/** One SQL statement or expression of a function's body. */
export interface BodyPart {
  readonly statements: readonly RawStmt[];
  readonly sql: string;
  /** Lines after the one on which the body's string begins. */
  readonly lineOffset: number;
  /** It is a complete SQL statement, not an expression in a PL/pgSQL statement. */
  readonly isStatement: boolean;
}

export interface Body {
  readonly parts: readonly BodyPart[];
  /** Lines of `execute` with computed text, counted as in `lineOffset`. */
  readonly computedExecuteLines: readonly number[];
}

/** Parse modes of a PL/pgSQL expression: a statement, an expression, or else the target and value of `:=`. */
const STATEMENT = 0;
const EXPRESSION = 2;

/**
 * The SQL in the body of a `create function` statement or a `do` block, in SQL or PL/pgSQL.
 * @throws Error if PostgreSQL's parsers refuse the body
 */
export function readBody({ node, sql }: Statement): Body {
  if ("DoStmt" in node) return plpgsqlBody(sql);
  if (!("CreateFunctionStmt" in node)) return NO_BODY;
  const create = node.CreateFunctionStmt;
  if (languageOf(create) === "plpgsql") return plpgsqlBody(sql);
  const body = (languageOf(create) === "sql" ? bodyOf(create) : undefined) ?? "";
  // The parser refuses an empty string.
  if (body.trim() === "") return NO_BODY;
  const statements = parseSync(body).stmts ?? [];
  return {
    parts: [{ statements, sql: body, lineOffset: 0, isStatement: true }],
    computedExecuteLines: [],
  };
}

const NO_BODY: Body = { parts: [], computedExecuteLines: [] };

/** Undefined if the body is not a string. */
export function languageOf({
  options,
  sql_body,
}: NodeOf<"CreateFunctionStmt">): string | undefined {
  // A body that is not a string is part of the statement's own tree.
  if (sql_body !== undefined) return undefined;
  return textOf(option(options, "language"));
}

function bodyOf({ options }: NodeOf<"CreateFunctionStmt">): string | undefined {
  const body = option(options, "as");
  return body !== undefined && "List" in body ? names(body.List.items)[0] : textOf(body);
}

function option(options: readonly Node[] | undefined, name: string): Node | undefined {
  return nodesOf("DefElem", options).find(({ defname }) => defname === name)?.arg;
}

function plpgsqlBody(sql: string): Body {
  const parts: BodyPart[] = [];
  const computed: number[] = [];
  const into = (value: unknown, lineAbove: number): void => {
    if (typeof value !== "object" || value === null) return;
    const line = "lineno" in value ? Number(value.lineno) : lineAbove;
    if ("PLpgSQL_expr" in value) parts.push(partOf(value.PLpgSQL_expr, line));
    for (const [kind, child] of Object.entries(value)) {
      const run = executed(kind, child);
      if (run !== undefined) {
        const part = executedPart(run.query, run.line ?? line);
        if (part === undefined) computed.push((run.line ?? line) - 1);
        else parts.push(part);
      }
      into(child, line);
    }
  };
  into(parsePlPgSQLSync(sql), 1);
  return { parts, computedExecuteLines: computed };
}

const DYNAMIC = ["PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"];

/** The expression that a PL/pgSQL statement executes as SQL; undefined for other statements. */
function executed(
  kind: string,
  statement: unknown,
): { readonly query: string; readonly line: number | undefined } | undefined {
  const { lineno, query, dynquery } = (statement ?? {}) as {
    readonly lineno?: number;
    readonly query?: { readonly PLpgSQL_expr?: { readonly query: string } };
    readonly dynquery?: { readonly PLpgSQL_expr?: { readonly query: string } };
  };
  const expression = (DYNAMIC.includes(kind) ? query : dynquery)?.PLpgSQL_expr;
  return expression === undefined ? undefined : { query: expression.query, line: lineno };
}

/** The SQL that a literal text contains; undefined if the text is computed or is not SQL. */
function executedPart(expression: string, line: number): BodyPart | undefined {
  const sql = constantText(expression);
  if (sql === undefined) return undefined;
  try {
    const statements = parseSync(sql).stmts ?? [];
    return { statements, sql, lineOffset: line - 1, isStatement: true };
  } catch {
    return undefined;
  }
}

function constantText(expression: string): string | undefined {
  const [statement] = parseSync(`select ${expression}`).stmts ?? [];
  if (statement?.stmt === undefined || !("SelectStmt" in statement.stmt)) return undefined;
  const [target] = nodesOf("ResTarget", statement.stmt.SelectStmt.targetList);
  return valueOf(target?.val);
}

/** The value of a string, of concatenated strings, or of `format` with one argument; undefined for anything else. */
function valueOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ("A_Expr" in node && names(node.A_Expr.name).join() === "||") {
    const [left, right] = [valueOf(node.A_Expr.lexpr), valueOf(node.A_Expr.rexpr)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  if (!("FuncCall" in node)) return textOf(node);
  const { funcname, args = [] } = node.FuncCall;
  const text = names(funcname).at(-1) === "format" ? valueOf(args[0]) : undefined;
  if (text === undefined || args.length > 1 || /%[^%]/.test(text.replaceAll("%%", ""))) {
    return undefined;
  }
  return text.replaceAll("%%", "%");
}

function partOf(expression: unknown, line: number): BodyPart {
  const { query, parseMode = STATEMENT } = expression as {
    readonly query: string;
    readonly parseMode?: number;
  };
  const isStatement = parseMode === STATEMENT;
  const value = parseMode === EXPRESSION ? query : query.replace(/^[^=]*=/, "");
  const sql = isStatement ? query : `select ${value}`;
  return { statements: parseSync(sql).stmts ?? [], sql, lineOffset: line - 1, isStatement };
}
