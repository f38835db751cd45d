/** The parsed migration files of a database, as the rules read them. */
import type { MigrationFile } from "../components/migrations/plan/migration-files";
import type { Statement } from "../components/migrations/plan/statements";
import type { DatabaseName } from "../components/roles/plan/role-plan";

/** A location in the migration files. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

export interface ParsedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly migration: MigrationFile;
  readonly statements: readonly ParsedStatement[];
  /** The SQL with each `do` block replaced by its statements, on their original lines. */
  readonly expandedSql: string;
  /** Lines of `execute` with computed text in `do` blocks, the first of each block. */
  readonly computedExecuteLines: readonly number[];
}

/** A parse tree, and the lines of its nodes. */
export interface Part {
  readonly tree: unknown;
  /** The line of a node's `location`; without one, the line of the statement. */
  readonly lineAt: (location: number | undefined) => number;
}

export interface ParsedStatement extends Statement, Part {
  /** It stands in a `do` block, which may not run it. */
  readonly isConditional: boolean;
  readonly file: string;
  readonly lastLine: number;
  /** SQL in the body of a function that the statement creates. Statements of a `do` block run at once and are separate. */
  readonly body: readonly Part[];
}

/** The files of a database, in order. */
export interface ParsedDatabase {
  readonly name: DatabaseName;
  readonly files: readonly ParsedFile[];
}
