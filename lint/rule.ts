import type { ParsedDatabase, ParsedStatement, Place } from "./parsed";
import { targetsOf } from "./lint-targets";
import type { Name, Schema } from "./model/schema";

/** The input of a rule: the files of one database, and the schema that they build. */
export interface Context {
  readonly database: ParsedDatabase;
  /** The statements of all files. */
  readonly statements: readonly ParsedStatement[];
  readonly schema: Schema;
}

export interface Objection extends Place {
  /** The remedy, as a sentence. */
  readonly text: string;
}

export interface Rule {
  readonly name: string;
  /** Why a careful database administrator would refuse the statement. */
  readonly reason: string;
  readonly check: (context: Context) => readonly Objection[];
}

/** Tables, views and indexes that a statement changes, except those that the same file created. */
export function usedTargets({ schema }: Context, statement: ParsedStatement): readonly Name[] {
  const named = schema.named.get(statement);
  return targetsOf(statement.node).filter((name) => named?.get(name)?.isNew !== true);
}

/** One objection for each statement for which `why` returns a text. */
export function eachStatement(
  { statements }: Context,
  why: (statement: ParsedStatement) => string | undefined,
): readonly Objection[] {
  return statements.flatMap((statement) => {
    const text = why(statement);
    return text === undefined ? [] : [{ file: statement.file, line: statement.line, text }];
  });
}
