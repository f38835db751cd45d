import { loadModule } from "libpg-query";
import { MigrationError, type MigrationErrorCode } from "./errors";
import type { MigrationFile } from "./migration-files";
import { type Kind, kindOf } from "./kinds";
import { relationsOf } from "./nodes";
import { resolveTemporary } from "../../sql-text/temporary-names";
import { parseFile, type RawStatement } from "./parse";

/** One statement of a file, as PostgreSQL's own parser sees it. */
export interface Statement extends RawStatement {
  /** Where it runs. */
  readonly kind: Kind;
  /** Tables, indexes and views that it names, as they are written: `public.users`. */
  readonly relations: readonly string[];
}

/**
 * The statements of a file, in order.
 * @throws MigrationError for what PostgreSQL cannot parse, and for what the runner does itself or must not do
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
    kind: kindOf(each.node, each.sql),
    relations: relationsOf(each.node),
  }));
  if (statements.length === 0) {
    refuse(
      "empty",
      1,
      "there is no statement in it, and once it were applied none could be added: write one, or take the file out",
    );
  }
  for (const { kind, line } of statements) {
    if (kind.runs === "never") refuse(kind.code, line, kind.why);
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

/** A statement that no transaction takes stands alone in its file, and the file says so. */
function checkTransaction(file: MigrationFile, statements: readonly Statement[]): void {
  const { name, directives } = file;
  const outside = statements.find(({ kind }) => kind.runs === "outside");
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
  if (only.kind.runs === "inside") {
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
