import type { Node } from "@pgsql/types";
import { hasSqlDetails, parseSync, scanSync } from "libpg-query";
import { lineFinder } from "../../text/line-numbers";
import { printable } from "../../text/printable";
import { MigrationError } from "./errors";

export interface RawStatement {
  /** Text without preceding comments and the semicolon. */
  readonly sql: string;
  /** Line of the statement's start, from 1. */
  readonly line: number;
  readonly node: Node;
}

/**
 * Splits a file with PostgreSQL's parser, so that semicolons in strings, comments and function bodies do not split.
 * @throws MigrationError naming file and line of a syntax error
 */
export function parseFile(name: string, sql: string): readonly RawStatement[] {
  // The parser rejects empty text without a message.
  if (sql.trim() === "") return [];
  try {
    return split(sql);
  } catch (cause) {
    const { code, line, why } = explain(sql, cause);
    throw new MigrationError(code, `${name}:${line}: ${why}`, { cause });
  }
}

function split(sql: string): readonly RawStatement[] {
  const bytes = Buffer.from(sql);
  const lineOf = lineFinder(sql);
  return (parseSync(sql).stmts ?? []).flatMap(({ stmt, stmt_location = 0, stmt_len }) => {
    if (stmt === undefined) return [];
    const end = stmt_len ? stmt_location + stmt_len : bytes.length;
    const text = bytes.subarray(stmt_location, end).toString();
    return [{ sql: text.trim(), line: lineOf(stmt_location), node: stmt }];
  });
}

interface Explanation {
  readonly code: "psql-command" | "syntax";
  readonly line: number;
  readonly why: string;
}

function explain(sql: string, cause: unknown): Explanation {
  const copy = copyWithRows(sql);
  if (copy !== undefined) return { code: "psql-command", ...copy };
  // The parser's own stack limit; PostgreSQL's is as large and is reached a little later.
  if (cause instanceof RangeError) {
    const why = "nested too deeply for PostgreSQL's parser: split it into several statements";
    return { code: "syntax", line: deepestLine(sql), why };
  }
  if (!hasSqlDetails(cause)) throw cause;
  const { message, cursorPosition = 0 } = cause.sqlDetails ?? { message: String(cause) };
  // Statement positions are in bytes, error positions in characters.
  const characters = Array.from(sql);
  const line = characters.slice(0, cursorPosition).join("").split("\n").length;
  if (characters[cursorPosition] === "\\") {
    const why = "backslash commands only work in psql: write it in SQL";
    return { code: "psql-command", line, why };
  }
  return { code: "syntax", line, why: `${printable(message)}: correct it` };
}

/** The first `copy ... from stdin` of a file; its rows cannot be parsed. */
function copyWithRows(sql: string): Pick<Explanation, "line" | "why"> | undefined {
  for (const { index, 0: text } of sql.matchAll(/\bcopy\b[^;]*\bfrom\s+stdin\b[^;]*;/gi)) {
    try {
      const last = split(sql.slice(0, index + text.length)).at(-1);
      if (last === undefined || !("CopyStmt" in last.node)) continue;
      return { line: last.line, why: COPY_FROM_STDIN };
    } catch {
      // It is inside a string, or an earlier statement is invalid.
    }
  }
  return undefined;
}

export const COPY_FROM_STDIN =
  "copy from stdin reads its rows from psql: write them as an insert (pg_dump --inserts does)";

/** First line of the statement that is too deeply nested. */
function deepestLine(sql: string): number {
  const bytes = Buffer.from(sql);
  const tokens = scanSync(sql).tokens.filter(({ tokenName }) => !/COMMENT$/.test(tokenName));
  const ends = tokens.filter(({ text }) => text === ";").map(({ end }) => end);
  const starts = [0, ...ends];
  const deep = starts.find((start, at) => {
    try {
      parseSync(bytes.subarray(start, ends[at] ?? bytes.length).toString());
      return false;
    } catch (error) {
      return error instanceof RangeError;
    }
  });
  const from = deep ?? 0;
  return lineFinder(sql)(tokens.find(({ start }) => start >= from)?.start ?? from);
}
