import type { Node } from "@pgsql/types";
import { hasSqlDetails, loadModule, parseSync } from "libpg-query";
import { MigrationError, type MigrationErrorCode } from "./errors";
import type { MigrationFile } from "./files";
import { relationsOf, runsOutside } from "./nodes";
import { printable } from "../printable";

/** One statement of a file, as PostgreSQL's own parser sees it. */
export interface Statement {
  /** Its text, without the comments before it and the semicolon. */
  readonly sql: string;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly node: Node;
  /** Tables, indexes and views that it names, as they are written: `public.users`. */
  readonly relations: readonly string[];
}

/**
 * Splits a file by PostgreSQL's parser, so that a semicolon in a string, a comment or a function's body is none.
 * @throws MigrationError for what PostgreSQL cannot parse, and for what the runner does itself or must not do
 */
export async function readStatements(file: MigrationFile): Promise<readonly Statement[]> {
  await loadModule();
  const refuse = (code: MigrationErrorCode, line: number, why: string): never => {
    throw new MigrationError(code, `${file.name}:${line}: ${why}`);
  };
  checkText(file.sql, (why) => refuse("encoding", 1, why));
  const statements = split(file);
  if (statements.length === 0) {
    refuse(
      "empty",
      1,
      "there is no statement in it, and once it were applied none could be added: write one, or take the file out",
    );
  }
  for (const { node, line } of statements) {
    if ("TransactionStmt" in node) {
      refuse(
        "transaction-control",
        line,
        "begin, commit, rollback and savepoints are the runner's: take the statement out",
      );
    }
    if ("CopyStmt" in node && node.CopyStmt.filename === undefined) {
      refuse("psql-command", line, "copy from stdin takes its rows from psql: insert them instead");
    }
  }
  checkTransaction(file, statements);
  return statements;
}

/** The parser ends at a NUL without a word, and a directive behind a byte order mark is not seen. */
function checkText(sql: string, refuse: (why: string) => void): void {
  if (sql.startsWith("\uFEFF")) {
    refuse("it begins with a byte order mark: save it as UTF-8 without one");
  }
  if (sql.includes("\0")) refuse("it has a NUL character in it: take it out");
}

function split({ name, sql }: MigrationFile): readonly Statement[] {
  // The parser refuses it, without a sentence.
  if (sql.trim() === "") return [];
  const bytes = Buffer.from(sql);
  try {
    return (parseSync(sql).stmts ?? []).flatMap(({ stmt, stmt_location = 0, stmt_len }) => {
      if (stmt === undefined) return [];
      const end = stmt_len ? stmt_location + stmt_len : bytes.length;
      return [
        {
          sql: bytes.subarray(stmt_location, end).toString().trim(),
          line: bytes.subarray(0, stmt_location).toString().split("\n").length,
          node: stmt,
          relations: relationsOf(stmt),
        },
      ];
    });
  } catch (cause) {
    if (!hasSqlDetails(cause)) throw cause;
    const { message, cursorPosition = 0 } = cause.sqlDetails ?? { message: String(cause) };
    // Where a statement begins is counted in bytes, where an error is in characters.
    const characters = Array.from(sql);
    const line = characters.slice(0, cursorPosition).join("").split("\n").length;
    const psql = characters[cursorPosition] === "\\";
    throw new MigrationError(
      psql ? "psql-command" : "syntax",
      psql
        ? `${name}:${line}: commands that begin with a backslash are psql's: write it in SQL`
        : `${name}:${line}: ${printable(message)}: correct it`,
      { cause },
    );
  }
}

/** A statement that no transaction takes stands alone in its file, and the file says so. */
function checkTransaction(file: MigrationFile, statements: readonly Statement[]): void {
  const { name, directives } = file;
  const outside = statements.find(({ node }) => runsOutside(node));
  if (directives.transaction) {
    if (outside === undefined) return;
    throw new MigrationError(
      "mixed-concurrently",
      `${name}:${outside.line}: this cannot run in a transaction: put it into a file of its own that begins with ` +
        `"--! no-transaction"`,
    );
  }
  const [only, second] = statements;
  if (only === undefined || second !== undefined) {
    throw new MigrationError(
      "mixed-concurrently",
      `${name}: a file marked "--! no-transaction" holds one statement, and this has ${statements.length}: ` +
        `were it interrupted between two, nobody could tell which of them are done`,
    );
  }
  if (outside === undefined && !("CallStmt" in only.node)) {
    throw new MigrationError(
      "needs-transaction",
      `${name}:${only.line}: this runs in a transaction, where nothing of it is left if it fails: take ` +
        `"--! no-transaction" out`,
    );
  }
  if ("IndexStmt" in only.node && only.node.IndexStmt.idxname === undefined) {
    throw new MigrationError(
      "mixed-concurrently",
      `${name}:${only.line}: an index that is built concurrently needs a name, by which a failed build is found`,
    );
  }
}
