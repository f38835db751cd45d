import { loadModule } from "libpg-query";
import { MigrationError, type MigrationErrorCode } from "./errors";
import type { MigrationFile } from "./migration-files";
import { type StatementKind, classifyStatement } from "./classify-statement";
import { relationsOf } from "./statement-effects";
import { resolveTemporary } from "../../sql-text/temporary-names";
import { parseFile, type RawStatement } from "./parse";

/** One statement of a file, as parsed by PostgreSQL's parser. */
export interface Statement extends RawStatement {
  /** Where the statement may run. */
  readonly kind: StatementKind;
  /** Tables, indexes and views that it names, as written: `public.users`. */
  readonly relations: readonly string[];
}

/**
 * Statements of a file, in order.
 * @throws MigrationError for a syntax error, and for statements that the runner does itself or must
 *   not run
 */
export async function readStatements(file: MigrationFile): Promise<readonly Statement[]> {
  await loadModule();
  const refuse = (code: MigrationErrorCode, line: number, why: string): never => {
    throw new MigrationError(code, `${file.name}:${line}: ${why}`);
  };
  checkText(file.sql, (why) => refuse("encoding", 1, why));
  const raw = parseFile(file.name, file.sql);
  resolveTemporary(raw);
  const statements = raw.map((each) => ({
    ...each,
    kind: classifyStatement(each.node, each.sql),
    relations: relationsOf(each.node),
  }));
  if (statements.length === 0) {
    refuse(
      "empty",
      1,
      "the file has no statement, and none could be added once it is applied: write one, or remove the file",
    );
  }
  for (const { kind, line } of statements) {
    if (kind.runs === "never") refuse(kind.code, line, kind.why);
  }
  checkTransaction(file, statements);
  return statements;
}

/** The parser silently stops at a NUL, and a byte order mark hides a directive. */
function checkText(sql: string, refuse: (why: string) => void): void {
  if (sql.startsWith("\uFEFF")) {
    refuse("it begins with a byte order mark: save it as UTF-8 without BOM");
  }
  if (sql.includes("\0")) refuse("it contains a NUL character: remove it");
}

/** A statement that cannot run in a transaction must be alone in a file marked `--! no-transaction`. */
function checkTransaction(file: MigrationFile, statements: readonly Statement[]): void {
  const { name, directives } = file;
  const outside = statements.find(({ kind }) => kind.runs === "outside");
  if (directives.transaction) {
    if (outside === undefined) return;
    throw new MigrationError(
      "mixed-concurrently",
      `${name}:${outside.line}: this cannot run in a transaction: move it to its own file that begins with ` +
        `"--! no-transaction"`,
    );
  }
  const [only, second] = statements;
  if (only === undefined || second !== undefined) {
    throw new MigrationError(
      "mixed-concurrently",
      `${name}: a file marked "--! no-transaction" must have one statement, and this has ${statements.length}: ` +
        `after an interruption, nobody could tell which of them are done`,
    );
  }
  if (only.kind.runs === "inside") {
    throw new MigrationError(
      "needs-transaction",
      `${name}:${only.line}: this can run in a transaction, which a failure rolls back: remove ` +
        `"--! no-transaction"`,
    );
  }
  if ("IndexStmt" in only.node && only.node.IndexStmt.idxname === undefined) {
    throw new MigrationError(
      "mixed-concurrently",
      `${name}:${only.line}: give the concurrently built index a name, so that a failed build can be found`,
    );
  }
}
