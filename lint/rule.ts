import type { ParsedDatabase, ParsedStatement, Place } from "./parsed";
import { targetsOf } from "./lint-targets";
import type { Name, Schema } from "./model/schema";

/** What a rule looks at: the files of one database, and what they make. */
export interface Context {
  readonly database: ParsedDatabase;
  /** Of all files. */
  readonly statements: readonly ParsedStatement[];
  readonly schema: Schema;
}

export interface Objection extends Place {
  /** A sentence that says what to do. */
  readonly text: string;
}

export interface Rule {
  readonly name: string;
  /** Why a careful database administrator would refuse what it finds. */
  readonly reason: string;
  readonly check: (context: Context) => readonly Objection[];
}

/** Tables, views and indexes that a statement changes, and that the same file did not make. */
export function usedTargets({ schema }: Context, statement: ParsedStatement): readonly Name[] {
  const named = schema.named.get(statement);
  return targetsOf(statement.node).filter((name) => named?.get(name)?.isNew !== true);
}

/** An objection for each statement that has something against it. */
export function eachStatement(
  { statements }: Context,
  why: (statement: ParsedStatement) => string | undefined,
): readonly Objection[] {
  return statements.flatMap((statement) => {
    const text = why(statement);
    return text === undefined ? [] : [{ file: statement.file, line: statement.line, text }];
  });
}
