import type { ParsedDatabase, ParsedStatement, SourceLine } from "./parsed";
import { changedObjects } from "./statement-objects";
import type { Name, Schema } from "./model/schema";

/** The input of a rule: the files of one database, and the schema that they build. */
export interface RuleContext {
  readonly database: ParsedDatabase;
  /** The statements of all files. */
  readonly statements: readonly ParsedStatement[];
  readonly schema: Schema;
}

export interface Objection extends SourceLine {
  /** The remedy, as a sentence. */
  readonly text: string;
}

export interface Rule {
  readonly name: string;
  /** Why a careful database administrator would refuse the statement. */
  readonly reason: string;
  readonly check: (context: RuleContext) => readonly Objection[];
}

/** Tables, views and indexes that a statement changes, except those that the same file created. */
export function existingTargets(
  { schema }: RuleContext,
  statement: ParsedStatement,
): readonly Name[] {
  const named = schema.named.get(statement);
  return changedObjects(statement.node).filter((name) => named?.get(name)?.isNew !== true);
}

/** One objection for each statement for which `why` returns a text. */
export function eachStatement(
  { statements }: RuleContext,
  why: (statement: ParsedStatement) => string | undefined,
): readonly Objection[] {
  return statements.flatMap((statement) => {
    const text = why(statement);
    return text === undefined ? [] : [{ file: statement.file, line: statement.line, text }];
  });
}
