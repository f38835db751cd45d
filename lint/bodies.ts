import type { Node, RawStmt } from "@pgsql/types";
import { parsePlPgSQLSync, parseSync } from "libpg-query";
import type { Statement } from "../components/lib/migrations/statements";
import { names, textOf, type NodeOf } from "./walk";

/** One SQL statement or expression of a function's body. */
export interface BodyPart {
  readonly statements: readonly RawStmt[];
  readonly sql: string;
  /** Lines after the one on which the body's string begins. */
  readonly linesDown: number;
}

/** How PL/pgSQL says what an expression is: a statement, an expression, or else the target and value of `:=`. */
const STATEMENT = 0;
const EXPRESSION = 2;

/**
 * The SQL of a function that `create function` defines, or of a `do` block, whatever its language.
 * @throws Error where PostgreSQL's parsers refuse the body
 */
export function bodyParts({ node, sql }: Statement): readonly BodyPart[] {
  if ("DoStmt" in node) return plpgsqlParts(sql);
  if (!("CreateFunctionStmt" in node)) return [];
  const create = node.CreateFunctionStmt;
  if (languageOf(create) === "plpgsql") return plpgsqlParts(sql);
  const body = (languageOf(create) === "sql" ? bodyOf(create) : undefined) ?? "";
  // The parser refuses to be asked nothing.
  if (body.trim() === "") return [];
  return [{ statements: parseSync(body).stmts ?? [], sql: body, linesDown: 0 }];
}

function languageOf({ options, sql_body }: NodeOf<"CreateFunctionStmt">): string | undefined {
  // A body that is no string is a part of the statement's own tree.
  if (sql_body !== undefined) return undefined;
  return textOf(option(options, "language"));
}

function bodyOf({ options }: NodeOf<"CreateFunctionStmt">): string | undefined {
  const body = option(options, "as");
  return body !== undefined && "List" in body ? names(body.List.items)[0] : textOf(body);
}

function option(options: readonly Node[] | undefined, name: string): Node | undefined {
  const found = (options ?? []).find((each) => "DefElem" in each && each.DefElem.defname === name);
  return found !== undefined && "DefElem" in found ? found.DefElem.arg : undefined;
}

function plpgsqlParts(sql: string): readonly BodyPart[] {
  const parts: BodyPart[] = [];
  const into = (value: unknown, lineAbove: number): void => {
    if (typeof value !== "object" || value === null) return;
    const line = "lineno" in value ? Number(value.lineno) : lineAbove;
    if ("PLpgSQL_expr" in value) parts.push(partOf(value.PLpgSQL_expr, line));
    Object.values(value).forEach((child) => {
      into(child, line);
    });
  };
  into(parsePlPgSQLSync(sql), 1);
  return parts;
}

function partOf(expression: unknown, line: number): BodyPart {
  const { query, parseMode = STATEMENT } = expression as {
    readonly query: string;
    readonly parseMode?: number;
  };
  const value = parseMode === EXPRESSION ? query : query.replace(/^[^=]*=/, "");
  const sql = parseMode === STATEMENT ? query : `select ${value}`;
  return { statements: parseSync(sql).stmts ?? [], sql, linesDown: line - 1 };
}
